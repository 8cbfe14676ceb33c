"""A scripted client of the OCI distribution specification. It knows no token server: each call is handed its authorization."""

import dataclasses
import hashlib
import http.client
import json
import urllib.parse

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
BLOB = "application/octet-stream"


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def challenge(self) -> str:
        return self.headers.get("www-authenticate", "")


@dataclasses.dataclass(frozen=True)
class Image:
    """What push() made: digests by which it can be asked for."""

    manifest: str
    blob: str
    content: bytes


class RegistryClient:
    """`authorize` turns the scopes that a call needs into the value of its Authorization header, or None for none."""

    def __init__(self, host: str, authorize):
        self.host = host
        self._authorize = authorize

    def pull(self, repository: str, tag: str = "1") -> bytes:
        """The blob of an image, which has only one."""
        header = self._authorize(f"repository:{repository}:pull")
        manifest = _expect(200, self.request("GET", f"/v2/{repository}/manifests/{tag}", header, accept=MANIFEST))
        digest = json.loads(manifest.body)["layers"][0]["digest"]
        return _expect(200, self.request("GET", f"/v2/{repository}/blobs/{digest}", header)).body

    def push(self, repository: str, content: bytes, tag: str = "1") -> Image:
        header = self._authorize(f"repository:{repository}:pull,push")
        blob = self._upload(repository, content, header)
        parts = [self._upload(repository, b"{}", header), 2, blob, len(content)]
        manifest = json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": parts[0], "size": parts[1]},
            "layers": [{"mediaType": BLOB, "digest": parts[2], "size": parts[3]}],
        }).encode()
        target = f"/v2/{repository}/manifests/{tag}"
        _expect(201, self.request("PUT", target, header, manifest, MANIFEST))
        return Image(_digest(manifest), blob, content)

    def mount(self, repository: str, source: str, digest: str) -> Answer:
        """201 where the blob came from the other repository, 202 where it would have to be uploaded."""
        header = self._authorize(f"repository:{repository}:pull,push", f"repository:{source}:pull")
        query = urllib.parse.urlencode({"mount": digest, "from": source})
        return self.request("POST", f"/v2/{repository}/blobs/uploads/?{query}", header)

    def catalog(self) -> list[str]:
        header = self._authorize("registry:catalog:*")
        return json.loads(_expect(200, self.request("GET", "/v2/_catalog", header)).body)["repositories"]

    def delete(self, repository: str, digest: str) -> Answer:
        header = self._authorize(f"repository:{repository}:delete")
        return self.request("DELETE", f"/v2/{repository}/manifests/{digest}", header)

    def try_upload(self, repository: str, header: str | None) -> Answer:
        """The first request of a push alone."""
        return self.request("POST", f"/v2/{repository}/blobs/uploads/", header)

    def request(self, method: str, target: str, header: str | None, body: bytes = b"", content: str = BLOB,
                accept: str = "*/*") -> Answer:
        headers = {"Accept": accept, "Content-Type": content, "Content-Length": str(len(body))}
        if header:
            headers["Authorization"] = header
        connection = http.client.HTTPSConnection(self.host, timeout=20)
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def _upload(self, repository: str, content: bytes, header: str | None) -> str:
        begun = _expect(202, self.try_upload(repository, header))
        place = urllib.parse.urlsplit(urllib.parse.urljoin(f"https://{self.host}", begun.headers["location"]))
        query = urllib.parse.parse_qsl(place.query) + [("digest", _digest(content))]
        target = f"{place.path}?{urllib.parse.urlencode(query)}"
        _expect(201, self.request("PUT", target, header, content))
        return _digest(content)


class Refused(Exception):
    """The registry answered otherwise than the client needs; `answer` says how."""

    def __init__(self, answer: Answer):
        super().__init__(f"{answer.status} {answer.challenge} {answer.body[:300]!r}")
        self.answer = answer


def _expect(status: int, answer: Answer) -> Answer:
    if answer.status != status:
        raise Refused(answer)
    return answer


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()
