"""An OCI image layout of one artifact: files in one gzipped tar layer, the form that registries, Flux and Argo CD read.

Names and bytes in, names and bytes out, and the same files give the same digests. Source: OCI image-spec 1.0,
image-layout.md, manifest.md, config.md. One plain layer of the standard type is what Flux extracts without a layer
selector and what Argo CD 3.1 and later accept without configuration; the image configuration is there because older
registries and tools refuse an artifact without one.
"""

from __future__ import annotations

import os
from hashlib import sha256

from krm_fn.core.wire import canonical_json
from krm_fn.core.wire.limits import MAX_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
_SYSTEM_BYTE, _NO_SYSTEM = 9, 255
"""Where a gzip header names the operating system, and the value for none (RFC 1952, 2.3.1)."""
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

    packed = bytearray(gzip.compress(data, mtime=0))
    packed[_SYSTEM_BYTE] = _NO_SYSTEM  # Python writes 3 up to 3.12 and 255 from then on: the digest should be the same
    return bytes(packed)


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


def is_layout(folder: str) -> bool:
    """Whether a directory is an OCI image layout."""
    return os.path.isfile(os.path.join(folder, "oci-layout"))  # noqa: PTH113,PTH118


def unpacked(read: Callable[[str], bytes], tag: str = "") -> dict[str, bytes]:
    """The YAML and JSON files in the layers of a layout's artifact, by their names; a later layer's file wins.

    read: the bytes of a file of the layout. tag: which artifact, where there are several.
    Raises ValueError that says what is wrong with the layout. Content that is not what its digest says is refused.
    """
    manifest = _content(read, _chosen(_object(read("index.json")), tag))
    found: dict[str, bytes] = {}
    left = MAX_BYTES
    for layer in _objects(_object(manifest).get("layers")):
        for name, content in _members(_content(read, layer), left):
            left -= len(content)
            found[name] = content
    return found


def _chosen(index: dict[str, Any], tag: str) -> dict[str, Any]:
    entries = _objects(index.get("manifests"))
    tags = {str((each.get("annotations") or {}).get(f"{TITLE}ref.name", "")): each for each in entries}
    if tag in tags:
        return tags[tag]
    if tag or len(entries) != 1:
        raise ValueError(f"has the tags {', '.join(sorted(tags)) or '(none)'}: name one as DIR:TAG")
    return entries[0]


def _content(read: Callable[[str], bytes], descriptor: dict[str, Any]) -> bytes:
    named = str(descriptor.get("digest"))
    if not (named.startswith("sha256:") and named[7:].isalnum()):
        raise ValueError(f"names {named[:80]!r}, which is not a sha256 digest")
    blob = read(f"blobs/sha256/{named[7:]}")
    if digest(blob) != named:
        raise ValueError(f"holds other bytes than {named} says: it is damaged, or somebody changed it")
    return blob


def _members(layer: bytes, limit: int) -> Iterator[tuple[str, bytes]]:
    """The files of a layer, gzipped or not. ValueError when they are more than the limit allows."""
    import io
    import tarfile
    import zlib

    try:
        with tarfile.open(fileobj=io.BytesIO(layer), mode="r:*") as archive:
            for member in archive:
                limit -= member.size
                if limit < 0:
                    raise ValueError(f"holds more than the {MAX_BYTES} bytes that are read of one input")
                file = archive.extractfile(member) if member.isfile() else None
                if file is not None and member.name.endswith((".yaml", ".yml", ".json")):
                    yield member.name, file.read()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ValueError(f"has a layer that is no tar archive: {error}") from None


def _object(data: bytes) -> dict[str, Any]:
    import json

    value = json.loads(data)
    if not isinstance(value, dict):
        raise ValueError("has a manifest that is no JSON object")  # noqa: TRY004 - what is wrong is the layout
    return value


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
