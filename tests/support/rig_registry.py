"""Registries: Debian's docker-registry, and an nginx in front of several of them that gives them names and TLS."""

import dataclasses
import pathlib
import shutil
import warnings

from rig_process import Program, free_port

NGINX = "/usr/sbin/nginx"
DOCKER_REGISTRY = "/usr/bin/docker-registry"


@dataclasses.dataclass(frozen=True)
class Htpasswd:
    """Basic authentication by the registry itself."""

    users: dict[str, str]


@dataclasses.dataclass(frozen=True)
class TokenAuth:
    """Bearer tokens of the server at `realm`, signed with the key of `certificate`."""

    realm: str
    service: str
    issuer: str
    certificate: pathlib.Path


class Registry:
    """One docker-registry on plain HTTP, with its content in `folder`; Debian's, or another `program`."""

    def __init__(self, folder: pathlib.Path, auth: Htpasswd | TokenAuth | None = None, port: int | None = None,
                 listen: str = "127.0.0.1", program: str = DOCKER_REGISTRY):
        folder.mkdir(parents=True)
        self.address = (listen, port or free_port(listen))
        configuration = folder / "config.yml"
        configuration.write_text(self._configuration(folder, auth))
        environment = {"PATH": "/usr/bin", "OTEL_TRACES_EXPORTER": "none"}  # distribution 3 would look for a collector
        self._program = Program([program, "serve", str(configuration)], folder / "log", environment)
        self._program.wait_for_port(self.address)

    def stop(self) -> None:
        self._program.stop()

    def log(self) -> str:
        return self._program.tail(200_000)

    def _configuration(self, folder: pathlib.Path, auth: Htpasswd | TokenAuth | None) -> str:
        host, port = self.address
        lines = [
            "version: 0.1",
            "log: {level: info, accesslog: {disabled: true}}",
            f"storage: {{filesystem: {{rootdirectory: {folder}/content}}, delete: {{enabled: true}}}}",
            f"http: {{addr: '{host}:{port}', relativeurls: true, secret: fake-upload-secret}}",
        ]
        match auth:
            case Htpasswd(users):
                write_htpasswd(folder / "htpasswd", users)
                lines.append(f"auth: {{htpasswd: {{realm: purser-test, path: {folder}/htpasswd}}}}")
            case TokenAuth(realm, service, issuer, certificate):
                lines.append(f"auth: {{token: {{realm: '{realm}', service: '{service}', issuer: '{issuer}',"
                             f" rootcertbundle: {certificate}}}}}")
        return "\n".join(lines) + "\n"


@dataclasses.dataclass(frozen=True)
class Site:
    """A host name of the front.

    `validate` is a URL that is asked before each request (200: go on), `tokens` a token server that serves `tokens_at`.
    """

    names: tuple[str, ...]
    backend: tuple[str, int]
    validate: str | None = None
    tokens: tuple[str, int] | None = None
    tokens_at: str = "/token"


class Front:
    """nginx on `address`, one server a site."""

    def __init__(self, folder: pathlib.Path, address: tuple[str, int], certificate: tuple[pathlib.Path, pathlib.Path],
                 sites: list[Site]):
        folder.mkdir(parents=True)
        self.folder = folder
        configuration = folder / "nginx.conf"
        listen = "{}:{}".format(*address)
        servers = "".join(_server(site, listen, certificate) for site in sites)
        configuration.write_text(_MAIN.format(folder=folder, servers=servers))
        arguments = [NGINX, "-p", str(folder), "-c", str(configuration), "-g", "daemon off;"]
        self._program = Program(arguments, folder / "out")
        self._program.wait_for_port(address)

    def stop(self) -> None:
        self._program.stop()

    def requests(self) -> list[str]:
        """One line a request: host, status, method, path, the user of the Basic header, the user agent."""
        return (self.folder / "access.log").read_text().splitlines()


_MAIN = """\
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
  log_format rig '$host $status $request_method $request_uri $remote_user "$http_user_agent"';
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  access_log {folder}/access.log rig;
  server_names_hash_bucket_size 128;
  client_max_body_size 0;
  # Real ECR passwords are about 2 KiB; so are ours, and Basic makes them longer.
  large_client_header_buffers 4 16k;
  proxy_http_version 1.1;
  proxy_request_buffering off;
  proxy_buffering off;
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-Proto https;
  proxy_read_timeout 300s;
  proxy_send_timeout 300s;
  # Also on refusals, which come from here and not from the registry behind.
  proxy_hide_header Docker-Distribution-Api-Version;
  add_header Docker-Distribution-Api-Version registry/2.0 always;
{servers}}}
"""


def _server(site: Site, listen: str, certificate: tuple[pathlib.Path, pathlib.Path]) -> str:
    lines = [
        "server {",
        f"  listen {listen} ssl;",
        f"  server_name {' '.join(site.names)};",
        f"  ssl_certificate {certificate[0]};",
        f"  ssl_certificate_key {certificate[1]};",
        "  location / {",
    ]
    if site.validate:
        lines += ["    auth_request /-/validate;", '    proxy_set_header Authorization "";']
        lines += ["    proxy_set_header Host $http_host;", "    proxy_set_header X-Forwarded-Proto https;"]
    lines += ["    proxy_pass http://{}:{};".format(*site.backend), "  }"]
    if site.validate:
        lines += [
            "  location = /-/validate {",
            "    internal;",
            f"    proxy_pass {site.validate};",
            "    proxy_pass_request_body off;",
            '    proxy_set_header Content-Length "";',
            "    proxy_set_header X-Registry-Host $host;",
            "    proxy_set_header X-Registry-Path $request_uri;",
            "  }",
        ]
    if site.tokens:
        # Buffered: Python's server knows no chunks.
        lines += [f"  location = {site.tokens_at} {{", "    proxy_request_buffering on;",
                  "    proxy_pass http://{}:{};".format(*site.tokens), "  }"]
    return "".join(f"  {line}\n" for line in [*lines, "}"])


def write_htpasswd(file: pathlib.Path, users: dict[str, str]) -> None:
    file.write_text("".join(f"{name}:{_bcrypt(password)}\n" for name, password in users.items()))


def _bcrypt(password: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import crypt  # in Python until 3.12, and here the only source of bcrypt without another package

        return crypt.crypt(password, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16))


def missing_programs() -> list[str]:
    return [program for program in (NGINX, DOCKER_REGISTRY) if not shutil.which(program)]
