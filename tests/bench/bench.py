"""Measure krm-fn, as ratios within one run: absolute times say more about the machine than about the program.

    python tests/bench/bench.py [--runs N] [--row GROUP] [--json FILE] [--readme]

Commands that are compared take turns, and each ratio is the median over the turns. --readme writes the table into README.md.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from fleet import fleet

from krm_fn import __version__

ROOT = pathlib.Path(__file__).resolve().parents[2]
KRM_FN = str(pathlib.Path(sys.executable).parent / "krm-fn")
ENV = {
    **os.environ,
    "PATH": os.pathsep.join((str(pathlib.Path(sys.executable).parent), str(ROOT / "bin"), os.environ["PATH"])),
}
CATALOG = {
    "apiVersion": "krm-fn.dev/v1alpha1",
    "kind": "CatalogGenerator",
    "metadata": {"name": "bench"},
    "spec": {"catalogs": ["common"], "scope": "Both"},
}
VM = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: vm-{n}
  namespace: bench
  labels: {{app: shop, tier: web}}
spec:
  runStrategy: Always
  instancetype:
    name: u1.{size}
  preference:
    name: {preference}
  template:
    metadata:
      labels: {{app: shop}}
    spec:
      domain:
        devices:
          disks:
          - name: rootdisk
            disk: {{}}
          - name: cloudinit
            disk: {{}}
          interfaces:
          - name: default
            masquerade: {{}}
      networks:
      - name: default
        pod: {{}}
      volumes:
      - name: rootdisk
        containerDisk:
          image: quay.io/containerdisks/fedora:41
      - name: cloudinit
        cloudInitNoCloud:
          userData: |
            #cloud-config
            hostname: vm-{n}
            password: fedora
            chpasswd: {{ expire: false }}
"""
SIZES = ("small", "medium", "large", "xlarge")
PREFERENCES = ("fedora", "rhel.9", "ubuntu", "windows.2k22.virtio")


class Run:
    """Seconds, seconds of CPU and peak memory of one finished command."""

    def __init__(self, command: list[str], data: bytes | None = None) -> None:
        with tempfile.TemporaryFile() as given:
            given.write(data or b"")
            given.seek(0)
            start = time.perf_counter()
            process = subprocess.Popen(command, stdin=given, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENV)
            _, status, usage = os.wait4(process.pid, 0)
            self.seconds = time.perf_counter() - start
            error = process.stderr.read().decode()
            process.stderr.close()
            process.returncode = os.waitstatus_to_exitcode(status)
        self.mebibytes = usage.ru_maxrss / 1024
        self.cpu = usage.ru_utime + usage.ru_stime
        if process.returncode:
            sys.exit(f"{' '.join(command)} ended with {process.returncode}: {error[-2000:]}")


def turns(runs: int, *commands: tuple[list[str], bytes | None]) -> list[list[Run]]:
    """Run the commands in turn, after one warm-up each; a list of runs for each command."""
    for command, data in commands:
        Run(command, data)
    out: list[list[Run]] = [[] for _ in commands]
    for _ in range(runs):
        for done, (command, data) in zip(out, commands, strict=True):
            done.append(Run(command, data))
    return out


def ratio(one: list[Run], other: list[Run]) -> float:
    return statistics.median(a.seconds / b.seconds for a, b in zip(one, other, strict=True))


def cpu(runs: list[Run]) -> float:
    """Seconds of CPU: of one thread, so the same as seconds where nothing else runs, and steadier where something does."""
    return statistics.median(run.cpu for run in runs)


def more(one: list[Run], other: list[Run]) -> float:
    """Seconds of CPU that the first command takes over the second, turn by turn."""
    return statistics.median(a.cpu - b.cpu for a, b in zip(one, other, strict=True))


def start_up(runs: int) -> list[tuple[str, str, str]]:
    request = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": CATALOG, "items": []}
    data = json.dumps(request).encode()
    whole, bare = turns(runs, ([KRM_FN], data), ([sys.executable, "-c", "pass"], None))
    return [
        (
            "the whole common catalog, 238 objects, against a bare Python start",
            f"{ratio(whole, bare):.1f} times",
            "10 times",
        )
    ]


def kustomize(runs: int, folder: pathlib.Path) -> list[tuple[str, str, str]]:
    program = shutil.which("kustomize", path=ENV["PATH"])
    if program is None:
        return []
    function, plain, printer = folder / "function", folder / "plain", folder / "printer"
    for each in (function, plain, printer):
        each.mkdir()
    config = {
        **CATALOG,
        "metadata": {"name": "bench", "annotations": {"config.kubernetes.io/function": "exec: {path: krm-fn}\n"}},
    }
    (function / "catalog.yaml").write_text(json.dumps(config))
    (function / "kustomization.yaml").write_text("generators: [catalog.yaml]\n")
    (plain / "kustomization.yaml").write_text("resources: [all.yaml]\n")
    (folder / "config.yaml").write_text(json.dumps(CATALOG))
    subprocess.run(
        [KRM_FN, "generate", str(folder / "config.yaml"), "-O", str(plain / "all.yaml")],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    prepared = prepared_answer(folder)
    (printer / "print.sh").write_text(f"#!/bin/sh\nexec cat {prepared}\n")
    (printer / "print.sh").chmod(0o755)
    config["metadata"]["annotations"] = {"config.kubernetes.io/function": f"exec: {{path: {printer}/print.sh}}\n"}
    (printer / "catalog.yaml").write_text(json.dumps(config))
    (printer / "kustomization.yaml").write_text("generators: [catalog.yaml]\n")
    build = [program, "build", "--enable-alpha-plugins", "--enable-exec"]
    one, other, floor = turns(2 * runs, *(([*build, str(each)], None) for each in (function, plain, printer)))
    return [
        (
            "`kustomize build` with the function against the same 238 objects as plain resources",
            f"{ratio(one, other):.2f} times",
            "2 times",
        ),
        (
            "the same with a function that only prints a prepared answer: kustomize's own part",
            f"{ratio(floor, other):.2f} times",
            "—",
        ),
    ]


def prepared_answer(folder: pathlib.Path) -> pathlib.Path:
    """A file with what the function answers."""
    request = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": CATALOG, "items": []}
    text = f"# YAML, for YAML to come back\n{json.dumps(request)}".encode()
    done = subprocess.run([KRM_FN], input=text, capture_output=True, check=True)
    file = folder / "answer.yaml"
    file.write_bytes(done.stdout)
    return file


def container(runs: int) -> list[tuple[str, str, str]]:
    """The image by the engine that the container tests set up; no row where they are left out."""
    docker = ROOT / "build/container/bin/docker"
    if not docker.is_file():
        return []
    image = f"ghcr.io/krm-fn/krm-fn:v{__version__}"
    options = ["--rm", "-i", "--network", "none", "--user", "nobody", "--security-opt=no-new-privileges"]
    request = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": CATALOG, "items": []}
    data = json.dumps(request).encode()
    started, direct = turns(runs, ([str(docker), "run", *options, image], data), ([KRM_FN], data))
    # most of it is the engine's own processes, so wall-clock time and not this process's
    more = statistics.median(a.seconds - b.seconds for a, b in zip(started, direct, strict=True))
    return [
        (
            "the same call as a container, over `exec`",
            f"{more * 1000:.0f} ms more, {ratio(started, direct):.1f} times",
            "—",
        )
    ]


def rendering(runs: int, folder: pathlib.Path) -> list[tuple[str, str, str]]:
    rows = []
    files = {count: vms(folder, count) for count in (1, 1000, 4000, 10000)}
    for count in (1000, 4000, 10000):
        few = max(3, runs // (3 if count > 1000 else 1))
        many, start = turns(
            few,
            ([KRM_FN, "render", "--no-validate", files[count]], None),
            ([KRM_FN, "render", "--no-validate", files[1]], None),
        )
        each = (cpu(many) - cpu(start)) / count * 1e6
        limit = "300 µs"
        peak = max(run.mebibytes for run in many)
        rows.append(
            (
                f"rendering {count:,} VMs with `krm-fn render`, each",
                f"{each:.0f} µs, {peak:.0f} MiB",
                limit + (", 200 MiB" if count == 4000 else ""),
            )
        )
    some = files[1000]
    pin, expand, checked = turns(
        2 * runs,
        ([KRM_FN, "render", "--no-validate", "--mode", "pin", some], None),
        ([KRM_FN, "render", "--no-validate", some], None),
        ([KRM_FN, "render", some], None),
    )
    rows.append(("pinning 1,000 VMs against expanding them", f"{ratio(pin, expand):.2f} times", "—"))
    one, start = turns(
        2 * runs, ([KRM_FN, "render", files[1]], None), ([KRM_FN, "render", "--no-validate", files[1]], None)
    )
    extra = (more(checked, expand) - more(one, start)) / 1000 * 1e6
    rows.append(("validating 1,000 VMs, over parsing and rendering them, each", f"{extra:.0f} µs", "150 µs"))
    return rows


def fleets(runs: int, folder: pathlib.Path) -> list[tuple[str, str, str]]:
    """Realistic VMs, no two alike: `fleet.py`."""
    few = max(3, runs // 3)
    files = {}
    for count in (1, 1000, 5000):
        files[count] = folder / f"fleet-{count}.yaml"
        files[count].write_text(fleet(count))
    rows = []
    for what, more_options, limit in (
        ("rendering", ["--no-validate"], "400 µs"),
        ("rendering and validating", [], "620 µs"),
        ("pinning", ["--mode", "pin"], "—"),
    ):
        many, start = turns(runs, *(([KRM_FN, "render", *more_options, str(files[n])], None) for n in (1000, 1)))
        each = (cpu(many) - cpu(start)) / 999 * 1e6
        rows.append(
            (f"{what} 1,000 realistic VMs of {lines(files[1000]) // 1000} lines, each", f"{each:.0f} µs", limit)
        )
    big, some, start = turns(few, *(([KRM_FN, "render", str(files[n])], None) for n in (5000, 1000, 1)))
    growth = (cpu(big) - cpu(start)) / (cpu(some) - cpu(start))
    peak = max(run.mebibytes for run in big)
    rows.append(("5,000 of them against 1,000", f"{growth:.1f} times, {peak:.0f} MiB", "5.5 times"))
    alone, two = turns(few, *(([KRM_FN, "render", *jobs, str(files[5000])], None) for jobs in ([], ["-j", "2"])))
    rows.append(("the 5,000 by one process against `-j 2`", f"{ratio(alone, two):.2f} times", "—"))
    cache = ["--cache", str(folder / "cache")]
    edited = folder / "edited.yaml"
    edited.write_text(files[5000].read_text().replace("runStrategy: Always", "runStrategy: Manual", 1))
    Run([KRM_FN, "render", *cache, str(files[5000])])
    again = Run([KRM_FN, "render", *cache, str(edited)])
    rows.append(
        (
            "one of the 5,000 edited, with `--cache`",
            f"{again.seconds / statistics.median(run.seconds for run in alone):.2f} times",
            "0.3 times",
        )
    )
    return rows


def lines(path: pathlib.Path) -> int:
    return path.read_text().count("\n")


def builds(runs: int, folder: pathlib.Path) -> list[tuple[str, str, str]]:
    """200 realistic VMs through kustomize: rendered by a transformer, by `krm-fn build`, and left as they are."""
    program = shutil.which("kustomize", path=ENV["PATH"])
    if program is None:
        return []
    renderer = {
        "apiVersion": CATALOG["apiVersion"],
        "kind": "VirtualMachineRenderer",
        "metadata": {"name": "bench", "annotations": {"config.kubernetes.io/function": "exec: {path: krm-fn}\n"}},
    }
    for name, transformers in (("plain-vms", ""), ("rendered-vms", "transformers: [renderer.yaml]\n")):
        (folder / name).mkdir()
        (folder / name / "vms.yaml").write_text(fleet(200))
        (folder / name / "renderer.yaml").write_text(json.dumps(renderer))
        (folder / name / "kustomization.yaml").write_text(f"resources: [vms.yaml]\n{transformers}")
    build = [program, "build", "--enable-alpha-plugins", "--enable-exec"]
    plain, function, ours = turns(
        max(3, runs // 2),
        ([*build, str(folder / "plain-vms")], None),
        ([*build, str(folder / "rendered-vms")], None),
        ([KRM_FN, "build", "--kustomize", program, str(folder / "plain-vms")], None),
    )
    return [
        (
            "`kustomize build` of 200 realistic VMs with the transformer against the short VMs",
            f"{ratio(function, plain):.2f} times",
            "4.6 times",
        ),
        ("`krm-fn build` of the same", f"{ratio(ours, plain):.2f} times", "2 times"),
    ]


def many_series(runs: int, folder: pathlib.Path) -> list[tuple[str, str, str]]:
    """A thousand definitions against a hundred."""
    files = {}
    for count in (100, 1000):
        files[count] = folder / f"series-{count}.yaml"
        files[count].write_text(
            "---\n".join(
                f"apiVersion: {CATALOG['apiVersion']}\nkind: InstancetypeSeries\nmetadata: {{name: s{n}}}\n"
                f"spec: {{memoryPerVCPU: {n % 8 + 1}Gi, sizes: {{small: 1, medium: 2, large: 4}}}}\n"
                for n in range(count)
            )
        )
    many, few = turns(max(3, runs // 3), *(([KRM_FN, "generate", str(files[n])], None) for n in (1000, 100)))
    return [("generating 1,000 series against 100", f"{cpu(many) / cpu(few):.1f} times", "12 times")]


def comparing(runs: int, folder: pathlib.Path) -> list[tuple[str, str, str]]:
    """`krm-fn diff` of a fleet, all of it resized and none of it changed."""
    count = 5000
    before, after = vms(folder, count), vms(folder, count, shift=1)
    changed, same = turns(
        max(3, runs // 3), ([KRM_FN, "diff", before, after], None), ([KRM_FN, "diff", before, before], None)
    )
    return [
        (f"`krm-fn diff` of {count:,} VMs on both sides, {what}", f"{cpu(done):.1f} s, {peak:.0f} MiB", limit)
        for what, done, limit in (("each resized", changed, "6 s, 400 MiB"), ("nothing changed", same, "2 s, 400 MiB"))
        for peak in [max(run.mebibytes for run in done)]
    ]


def importing(runs: int, folder: pathlib.Path) -> list[tuple[str, str, str]]:
    """A whole listing and a whole catalog into series, and plain VMs into short ones."""
    listing, series = folder / "ec2.json", folder / "ec2.yaml"
    listing.write_bytes(gzip.decompress((ROOT / "tests/data/listings/ec2-types.json.gz").read_bytes()))
    few = max(3, runs // 3)
    imported, generated = turns(
        few,
        ([KRM_FN, "import", "aws", str(listing), "-O", str(series)], None),
        ([KRM_FN, "generate", str(series)], None),
    )
    catalog, objects, written = folder / "common.yaml", folder / "objects.yaml", folder / "series.yaml"
    catalog.write_text(json.dumps(CATALOG))
    with objects.open("wb") as out:
        subprocess.run([KRM_FN, "generate", str(catalog)], stdout=out, stderr=subprocess.DEVNULL, check=True, env=ENV)
    ((again),) = turns(few, ([KRM_FN, "import", "objects", str(objects), "-O", str(written)], None))
    plain = {}
    for count in (1, 200):
        plain[count] = folder / f"plain-{count}.yaml"
        with plain[count].open("wb") as out:
            subprocess.run([KRM_FN, "render", vms(folder, count)], stdout=out, check=True, env=ENV)
    many, one = turns(few, *(([KRM_FN, "adopt", str(plain[count])], None) for count in (200, 1)))
    lines = [len(path.read_text().splitlines()) for path in (series, written)]
    return [
        (
            "importing the 1,395 types of EC2, and generating the series",
            f"{cpu(imported):.1f} s and {cpu(generated):.1f} s, {lines[0]:,} lines",
            "—",
        ),
        (
            "`krm-fn import objects` of the official catalog's 238",
            f"{cpu(again):.1f} s, {lines[1]:,} lines",
            "3 s, 700 lines",
        ),
        ("adopting 200 plain VMs, each", f"{(cpu(many) - cpu(one)) / 199 * 1e3:.1f} ms", "5 ms"),
    ]


def vms(folder: pathlib.Path, count: int, *, shift: int = 0) -> str:
    path = folder / f"vms-{count}-{shift}.yaml"
    path.write_text(
        "---\n".join(
            VM.format(n=n, size=SIZES[(n + shift) % 4], preference=PREFERENCES[n // 4 % 4]) for n in range(count)
        )
    )
    return str(path)


def table(rows: list[tuple[str, str, str]]) -> str:
    lines = ["| what | measured | at most |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def compare(rows: list[tuple[str, str, str]], kept: pathlib.Path) -> None:
    """Say what the rows were the last time, and keep them for the next."""
    before = json.loads(kept.read_text()) if kept.is_file() else {}
    for what, measured, _ in rows:
        if before.get(what, measured) != measured:
            sys.stdout.write(f"{what}: {before[what]} before, {measured} now\n")
    kept.write_text(json.dumps(before | {what: measured for what, measured, _ in rows}, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9, help="turns of each pair (default 9)")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    parser.add_argument("--row", default="", metavar="GROUP", help="only this group of rows, such as fleet")
    parser.add_argument("--json", metavar="FILE", help="keep the rows there, and show what they were the last time")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        groups = {
            "start-up": lambda: start_up(options.runs),
            "container": lambda: container(options.runs),
            "kustomize": lambda: kustomize(options.runs, folder),
            "alike": lambda: rendering(options.runs, folder),
            "fleet": lambda: fleets(options.runs, folder),
            "build": lambda: builds(options.runs, folder),
            "series": lambda: many_series(options.runs, folder),
            "diff": lambda: comparing(options.runs, folder),
            "import": lambda: importing(options.runs, folder),
        }
        if options.row and options.row not in groups:
            sys.exit(f"--row: write one of {', '.join(groups)}")
        rows = [row for name, measure in groups.items() if options.row in ("", name) for row in measure()]
    text = table(rows)
    sys.stdout.write(text)
    if options.json:
        compare(rows, pathlib.Path(options.json))
    if options.readme:
        readme = ROOT / "README.md"
        before, rest = readme.read_text().split("<!-- bench -->\n", 1)
        after = rest.split("<!-- /bench -->", 1)[1]
        readme.write_text(f"{before}<!-- bench -->\n{text}<!-- /bench -->{after}")


if __name__ == "__main__":
    main()
