from __future__ import annotations

import io
import json
import sys

import pytest
from commandline import run
from listings import FILES, FOLDER

from krm_fn.commands import import_
from krm_fn.core.errors import KrmFnError

GCP = str(FOLDER / "gcp.json")


def test_yaml_with_comments_on_stdout_and_the_losses_on_stderr(capsys):
    assert run(import_, "gcp", GCP) == 0
    out, err = capsys.readouterr()
    assert out.startswith("# Google Compute Engine a2-highgpu: 2 sizes from `gcloud compute machine-types list")
    assert err.startswith("skipped: left out\n")


def test_the_same_input_gives_the_same_bytes(capsys):
    run(import_, "gcp", GCP)
    first = capsys.readouterr()
    run(import_, "gcp", GCP)
    assert capsys.readouterr() == first


def test_json_is_one_list(capsys):
    run(import_, "gcp", GCP, "-o", "json")
    items = json.loads(capsys.readouterr().out)["items"]
    assert {item["kind"] for item in items} == {"InstancetypeSeries", "PreferenceSeries"}


def test_stdin_is_a_listing(capsys, monkeypatch):
    data = (FOLDER / "gcp.json").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert run(import_, "gcp", "-") == 0
    assert "n2-standard" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["lost.json", "lost.txt"])
def test_the_whole_report_goes_to_a_file(tmp_path, capsys, name):
    run(import_, "gcp", GCP, "--report", str(tmp_path / name))
    err = capsys.readouterr().err
    assert "bare metal is no virtual machine\n    c3-standard-192-metal\n" in err
    assert f"wrote {tmp_path / name}" in err
    text = (tmp_path / name).read_text()
    if name.endswith(".json"):
        assert json.loads(text)["summary"]["unknown"] == 0
    else:
        assert "ignored: ignored by rule" in text


def test_gpus_by_argument_and_by_file(tmp_path, capsys):
    run(import_, "gcp", GCP, "--gpu", "nvidia-tesla-a100=nvidia.com/A100")
    first = capsys.readouterr().out
    assert "deviceName: nvidia.com/A100" in first
    (tmp_path / "gpus.yaml").write_text("nvidia-tesla-a100: nvidia.com/A100\n")
    run(import_, "gcp", GCP, "--gpu-map", str(tmp_path / "gpus.yaml"))
    assert capsys.readouterr().out == first


def test_openstacks_maps_in_one_file(tmp_path, capsys):
    (tmp_path / "maps.yaml").write_text(
        "gpus: {t4: nvidia.com/T4}\npciAliases: {qat: intel.com/qat}\n"
        "traits: {HW_CPU_X86_AVX512F: avx512=true}\nlargePageSize: 1Gi\n"
    )
    files = [str(FOLDER / name) for name in FILES["openstack"]]
    run(import_, "openstack", *files, "--map", str(tmp_path / "maps.yaml"), "--trait", "X=y", "--pci-alias", "a=b/c")
    out = capsys.readouterr().out
    for expected in ("deviceName: intel.com/qat", 'avx512: "true"', "hugepages: {pageSize: 1Gi}"):
        assert expected in out


def test_update_in_place_says_what_changed(tmp_path, capsys):
    file = tmp_path / "gcp.yaml"
    run(import_, "gcp", GCP, "-O", str(file))
    text = file.read_text()
    file.write_text(text.replace('    "128": 128\n', "").replace("sizes:\n", "sizes:  # ours\n", 1))
    capsys.readouterr()
    assert run(import_, "gcp", GCP, "--update", str(file), "--dry-run") == 0
    assert capsys.readouterr().out == "nothing changed\n"
    rows = json.loads((FOLDER / "gcp.json").read_text())
    rows.append(rows[0] | {"name": "n2-standard-8", "guestCpus": 8, "memoryMb": 32768})
    (tmp_path / "newer.json").write_text(json.dumps(rows))
    run(import_, "gcp", str(tmp_path / "newer.json"), "--update", str(file))
    assert capsys.readouterr().out == "InstancetypeSeries n2-standard: size 8 added: 8x32Gi\n"
    assert "sizes:  # ours\n" in file.read_text()
    assert '"128": 128\n' not in file.read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ["gcp", "missing.json"], ["aws", GCP], ["gcp", GCP, "--gpu", "x"], ["gcp", GCP, "--overcommit", "101"],
        ["gcp", GCP, "--large-page", "4Ki"], ["flavor", GCP], ["gcp", GCP, "--update", "x.yaml", "-o", "json"],
        ["gcp", GCP, "--update", "missing.yaml"], ["gcp", GCP, "--map", GCP], ["gcp", GCP, "-O", "/nowhere/at/all"],
    ],
)  # fmt: skip
def test_what_can_not_be_used_is_refused(arguments):
    with pytest.raises(KrmFnError):
        run(import_, *arguments)
