"""`krm-fn catalog build`: bundles, checksums, and an OCI layout with where it comes from."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import tarfile

import pytest
import yaml

SERIES = """
apiVersion: krm-fn.dev/v1alpha1
kind: InstancetypeSeries
metadata: {name: web}
spec: {vendor: example.com, version: "1", scope: Both, memoryPerVCPU: 2Gi, sizes: {small: 1, large: 4}}
"""


@pytest.fixture
def build(command, tmp_path):
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions/series.yaml").write_text(SERIES)

    def run(*arguments: str, epoch: str | None = None) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
        environment |= {} if epoch is None else {"SOURCE_DATE_EPOCH": epoch}
        return subprocess.run(
            [command, "catalog", "build", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    return run


def manifest(layout) -> dict:
    (entry,) = json.loads((layout / "index.json").read_text())["manifests"]
    return json.loads((layout / "blobs" / entry["digest"].replace(":", "/")).read_text())


def unpacked(layout) -> dict[str, bytes]:
    (layer,) = manifest(layout)["layers"]
    content = gzip.decompress((layout / "blobs" / layer["digest"].replace(":", "/")).read_bytes())
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive.getmembers()}


def test_bundles_hold_each_kind_once_with_checksums(build, tmp_path):
    done = build("definitions", "-O", "release")
    assert done.returncode == 0, done.stderr
    release = tmp_path / "release"
    kustomization = yaml.safe_load((release / "kustomization.yaml").read_text())
    assert kustomization["resources"] == ["virtualmachineclusterinstancetypes.yaml", "virtualmachineinstancetypes.yaml"]
    names = [
        document["metadata"]["name"]
        for document in yaml.safe_load_all((release / "virtualmachineinstancetypes.yaml").read_text())
    ]
    assert names == ["web.large", "web.small"]
    sums = dict(reversed(line.split("  ")) for line in (release / "CHECKSUMS.sha256").read_text().splitlines())
    assert sums == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in release.iterdir()
        if path.name != "CHECKSUMS.sha256"
    }


def test_the_artifact_holds_the_bundles_and_where_they_come_from(build, tmp_path):
    arguments = [
        "--source",
        "https://git.example.com/catalog",
        "--revision",
        "main@sha1:abc",
        "--annotation",
        "example.com/team=platform",
    ]
    done = build("definitions", "-O", "release", "--oci", "layout", "--tag", "v2", *arguments, epoch="86400")
    assert done.returncode == 0, done.stderr
    assert unpacked(tmp_path / "layout") == {path.name: path.read_bytes() for path in (tmp_path / "release").iterdir()}
    annotations = manifest(tmp_path / "layout")["annotations"]
    assert annotations["org.opencontainers.image.source"] == "https://git.example.com/catalog"
    assert annotations["org.opencontainers.image.revision"] == "main@sha1:abc"
    assert annotations["org.opencontainers.image.created"] == "1970-01-02T00:00:00Z"
    assert annotations["example.com/team"] == "platform"
    assert annotations["dev.krm-fn.objects"] == "4"


def test_the_same_definitions_elsewhere_give_the_same_artifact(build, tmp_path):
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy/other.yaml").write_text(SERIES)
    assert build("definitions", "--oci", "one").returncode == 0
    assert build("copy", "--oci", "two").returncode == 0
    assert (tmp_path / "one/index.json").read_bytes() == (tmp_path / "two/index.json").read_bytes()


def test_without_files_it_is_the_packaged_catalog(build, tmp_path):
    done = build("--oci", "layout")
    assert done.returncode == 0, done.stderr
    assert manifest(tmp_path / "layout")["annotations"]["dev.krm-fn.objects"] == "119"


@pytest.mark.parametrize(
    ("arguments", "epoch", "says"),
    [
        pytest.param(["definitions"], None, "--oci DIR", id="no target"),
        pytest.param(["definitions", "--oci", "definitions"], None, "not empty", id="layout over something"),
        pytest.param(["definitions", "--oci", "layout"], "soon", "SOURCE_DATE_EPOCH", id="time"),
        pytest.param(["definitions", "--oci", "layout", "--annotation", "x"], None, "KEY=VALUE", id="annotation"),
        pytest.param(["nowhere", "--oci", "layout"], None, "nowhere", id="no such file"),
    ],
)
def test_what_can_not_be_built_is_said_and_nothing_written(build, tmp_path, arguments, epoch, says):
    done = build(*arguments, epoch=epoch)
    assert done.returncode == 3
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "layout").exists()


def test_an_unknown_catalog_is_unusable_and_the_nearest_name_is_said(build, tmp_path):
    done = build("--catalogs", "comon", "--oci", "layout")
    assert done.returncode == 3
    assert '"common"' in done.stderr
    assert not (tmp_path / "layout").exists()


def test_a_mistake_in_a_definition_writes_nothing(build, tmp_path):
    (tmp_path / "definitions/series.yaml").write_text(SERIES.replace("small: 1", "small: none"))
    done = build("definitions", "--oci", "layout")
    assert done.returncode == 1
    assert not (tmp_path / "layout").exists()


def test_it_prints_what_it_made(build, tmp_path):
    done = build("definitions", "-O", "release", "--oci", "layout", "--tag", "v1")
    lines = done.stdout.splitlines()
    assert lines[0] == "4 objects: 2 VirtualMachineClusterInstancetype, 2 VirtualMachineInstancetype"
    digests = dict(reversed(line.split("  ")) for line in lines[1:])
    for path in (tmp_path / "release").iterdir():
        assert digests[path.name] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    (entry,) = json.loads((tmp_path / "layout/index.json").read_text())["manifests"]
    assert digests["artifact, tag v1"] == entry["digest"]
    made = json.loads(build("definitions", "-O", "again", "-o", "json").stdout)
    assert made["objects"] == 4
    assert made["files"] == {name: digest for name, digest in digests.items() if name != "artifact, tag v1"}


def test_what_changed_since_an_older_bundle_is_said(build, tmp_path):
    build("definitions", "--oci", "old", "--tag", "v1")
    changed = SERIES.replace(
        "small: 1, large: 4",
        "large: {cpu: 4, memory: 24Gi, deprecated: true, annotations: {krm-fn.dev/successor: web.huge}}, huge: 16",
    )
    (tmp_path / "definitions/series.yaml").write_text(changed.replace("Both", "Cluster"))
    arguments = ("definitions", "-O", "new", "--since", "old:v1")
    done = build(*arguments, "--changelog", "CHANGES.md")
    assert done.stdout.splitlines()[-1] == "since old:v1: 1 new, 1 changed, 1 deprecated, 3 removed"
    assert (tmp_path / "CHANGES.md").read_text() == (
        "### New\n\n- `web.huge` (instancetype): `16 vCPUs, 32Gi`\n\n"
        "### Changed\n\n- `web.large` (instancetype): `spec.memory.guest 8Gi → 24Gi`\n\n"
        "### Deprecated\n\n- `web.large` (instancetype): `take web.huge`\n\n"
        "### Removed\n\n- `web.large` (instancetype)\n- `web.small` (instancetype)\n- `web.small` (instancetype)\n"
    )
    made = json.loads(build(*arguments, "-o", "json").stdout)
    assert {"path": "spec.memory.guest", "before": "8Gi", "after": "24Gi"} in made["changes"][1]["fields"]
    same = build("definitions", "-O", "new", "--since", "new")
    assert same.stdout.splitlines()[-1] == "since new: no changes"


def test_a_table_and_a_site_come_on_request(build, tmp_path):
    done = build("definitions", "--readme", "CATALOG.md", "--site", "public", "--title", "Our <own>")
    assert done.returncode == 0, done.stderr
    table = (tmp_path / "CATALOG.md").read_text()
    assert table.startswith("# Our \\<own\\>\n\n4 instancetypes.\n\n| name | kind | vCPUs | memory |")
    assert "| web.large | instancetype | 4 | 8Gi |" in table
    index = (tmp_path / "public/index.html").read_text()
    assert "Our &lt;own&gt;" in index
    assert "series.html" in index


def test_what_needs_something_else_says_so_and_writes_nothing(build, tmp_path):
    (tmp_path / "vm.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")
    for arguments, says in (
        (("definitions", "-O", "out", "--changelog", "C.md"), "name it with --since"),
        (("definitions", "-O", "out", "--since", "nowhere"), "nowhere"),
        (("vm.yaml", "-O", "out", "--site", "public"), "no instancetype and no preference to show"),
    ):
        done = build(*arguments)
        assert (done.returncode, done.stdout) == (3, "")
        assert says in done.stderr
        assert not (tmp_path / "out").exists()
