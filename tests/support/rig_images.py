"""Tiny images in the forms that clients read from a folder, made without any client."""

import hashlib
import json
import pathlib

_KIND = "application/vnd.oci.image"


def folder_image(target: pathlib.Path, content: pathlib.Path) -> pathlib.Path:
    """An image with one layer in the form of skopeo's `dir:`. The layer is linked."""
    target.mkdir()
    raw = content.read_bytes()
    config, manifest = _image(raw)
    (target / _digest(raw)).symlink_to(content)
    (target / _digest(config)).write_bytes(config)
    (target / "manifest.json").write_bytes(manifest)
    (target / "version").write_text("Directory Transport Version: 1.1\n")
    return target


def oci_layout(target: pathlib.Path, content: pathlib.Path) -> pathlib.Path:
    """The same as an OCI layout, under the tag 1."""
    blobs = target / "blobs/sha256"
    blobs.mkdir(parents=True)
    raw = content.read_bytes()
    config, manifest = _image(raw)
    for blob in (raw, config, manifest):
        (blobs / _digest(blob)).write_bytes(blob)
    entry = {**_descriptor(manifest, "manifest.v1+json"), "annotations": {"org.opencontainers.image.ref.name": "1"}}
    (target / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    (target / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return target


def _image(layer: bytes) -> tuple[bytes, bytes]:
    """Configuration and manifest of an image with that layer."""
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{_digest(layer)}"]}
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{_KIND}.manifest.v1+json",
        "config": _descriptor(config, "config.v1+json"),
        "layers": [_descriptor(layer, "layer.v1.tar")],
    }
    return config, json.dumps(manifest).encode()


def _descriptor(content: bytes, kind: str) -> dict:
    return {"mediaType": f"{_KIND}.{kind}", "digest": f"sha256:{_digest(content)}", "size": len(content)}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
