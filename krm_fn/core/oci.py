"""An OCI image layout of one artifact: files in one gzipped tar layer, the form that registries, Flux and Argo CD read.

Pure: names and bytes in, names and bytes out, and the same files give the same digests. Source: OCI image-spec 1.0,
image-layout.md, manifest.md, config.md. One plain layer of the standard type is what Flux extracts without a layer
selector and what Argo CD 3.1 and later accept without configuration; the image configuration is there because older
registries and tools refuse an artifact without one.
"""

from __future__ import annotations

from hashlib import sha256

from krm_fn.core.wire import canonical_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
TITLE = "org.opencontainers.image."
"""Prefix of the annotations that the image specification names."""


def layout(
    files: Mapping[str, bytes], *, tag: str, annotations: Mapping[str, str], created: int = 0
) -> dict[str, bytes]:
    """Every file of the layout by its path. `created` is seconds since 1970, for the files and the artifact alike."""
    stamp = timestamp(created)
    archive = tar(files, created)
    layer = compress(archive)
    # No architecture is right for text, and the specification wants one.
    config = _json(
        {
            "architecture": "unknown",
            "os": "unknown",
            "created": stamp,
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [digest(archive)]},
        }
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _descriptor(CONFIG, config),
            "layers": [_descriptor(LAYER, layer)],
            "annotations": {**annotations, f"{TITLE}created": stamp},
        }
    )
    entry = {**_descriptor(MANIFEST, manifest), "annotations": {f"{TITLE}ref.name": tag}}
    blobs = {f"blobs/sha256/{digest(blob).removeprefix('sha256:')}": blob for blob in (layer, config, manifest)}
    return {
        "oci-layout": _json({"imageLayoutVersion": "1.0.0"}),
        "index.json": _json({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}),
        **blobs,
    }


def tar(files: Mapping[str, bytes], created: int) -> bytes:
    """An uncompressed archive in the order of the names, owned by nobody in particular."""
    import io
    import tarfile

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(files[name]), created, 0o644
            archive.addfile(member, io.BytesIO(files[name]))
    return out.getvalue()


def compress(data: bytes) -> bytes:
    """The data gzipped, without a file name and a time."""
    import gzip

    return gzip.compress(data, mtime=0)


def digest(blob: bytes) -> str:
    """The content's address: `sha256:` and 64 hex digits."""
    return f"sha256:{sha256(blob).hexdigest()}"


def timestamp(seconds: int) -> str:
    """Seconds since 1970 as RFC 3339, in UTC."""
    import time

    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _descriptor(media_type: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest(blob), "size": len(blob)}


def _json(value: Any) -> bytes:
    return canonical_json(value).encode()
