"""An OCI image layout against the image specification: every digest, size and media type, and the same bytes again."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile

import pytest

from krm_fn.core import oci

FILES = {"b.yaml": b"kind: B\n", "a.yaml": b"kind: A\n"}


@pytest.fixture
def layout() -> dict[str, bytes]:
    return oci.layout(FILES, tag="v1", annotations={"example.com/who": "we"}, created=86400)


def blob(layout: dict[str, bytes], descriptor: dict) -> bytes:
    """The blob of a descriptor, whose digest and size have to be right."""
    content = layout["blobs/" + descriptor["digest"].replace(":", "/")]
    assert descriptor["size"] == len(content)
    assert descriptor["digest"] == "sha256:" + hashlib.sha256(content).hexdigest()
    return content


def manifest(layout: dict[str, bytes]) -> dict:
    (entry,) = json.loads(layout["index.json"])["manifests"]
    return json.loads(blob(layout, entry))


def test_the_index_names_one_manifest_by_its_tag(layout):
    index = json.loads(layout["index.json"])
    assert (index["schemaVersion"], index["mediaType"]) == (2, "application/vnd.oci.image.index.v1+json")
    (entry,) = index["manifests"]
    assert entry["mediaType"] == "application/vnd.oci.image.manifest.v1+json"
    assert entry["annotations"] == {"org.opencontainers.image.ref.name": "v1"}
    assert json.loads(layout["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}


def test_there_is_one_layer_of_the_plain_type(layout):
    (layer,) = manifest(layout)["layers"]
    assert layer["mediaType"] == "application/vnd.oci.image.layer.v1.tar+gzip"
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(blob(layout, layer)))) as archive:
        members = archive.getmembers()
        contents = {member.name: archive.extractfile(member).read() for member in members}
    assert contents == FILES
    assert {(member.uid, member.gid, member.mode, member.mtime) for member in members} == {(0, 0, 0o644, 86400)}


def test_the_configuration_names_the_uncompressed_layer(layout):
    found = manifest(layout)
    config = json.loads(blob(layout, found["config"]))
    (layer,) = found["layers"]
    unpacked = gzip.decompress(blob(layout, layer))
    assert config["rootfs"] == {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(unpacked).hexdigest()]}
    assert {"architecture", "os"} <= set(config)


def test_annotations_are_the_given_ones_and_the_time(layout):
    expected = {"example.com/who": "we", "org.opencontainers.image.created": "1970-01-02T00:00:00Z"}
    assert manifest(layout)["annotations"] == expected


def test_nothing_is_there_that_nothing_names(layout):
    found = manifest(layout)
    named = [json.loads(layout["index.json"])["manifests"][0], found["config"], *found["layers"]]
    assert {name for name in layout if name.startswith("blobs/")} == {
        "blobs/" + item["digest"].replace(":", "/") for item in named
    }


def test_the_order_of_the_files_changes_nothing(layout):
    again = oci.layout(dict(reversed(FILES.items())), tag="v1", annotations={"example.com/who": "we"}, created=86400)
    assert again == layout


def test_a_layer_is_the_same_whichever_python_packs_it():
    assert oci.compress(b"x")[:10] == bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255))
