"""`krm-fn new`: a first manifest, or a repository to start from."""

from __future__ import annotations

import argparse
import os
import re
import sys
from contextlib import suppress

from krm_fn import dispatch
from krm_fn.core import wire
from krm_fn.core.console import DONE, FINDINGS, print_results, say
from krm_fn.core.errors import InputError
from krm_fn.core.finding import has_errors
from krm_fn.core.manifest import mapping
from krm_fn.core.suggest import did_you_mean
from krm_fn.kubevirt.api import CONFIG_API, INSTANCETYPE_KINDS, PREFERENCE_KINDS
from krm_fn.new import repo, series, vm
from krm_fn.series.catalog import Catalog
from krm_fn.workspace import arguments, inputs, outputs
from krm_fn.workspace.catalogs import open_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from krm_fn.core.manifest import Manifest

_EXAMPLES = {
    "vm": """\
  krm-fn new vm web --instancetype u1.medium --preference fedora --image quay.io/containerdisks/fedora:41
  krm-fn new vm db --instancetype cx1.large --preference rhel.9 --data-source images/rhel9 --volume data \\
      --network pod --network storage:sriov --cloud-init user-data.yaml -O db.yaml
  krm-fn new vm --interactive
""",
    "series": """\
  krm-fn new series gp --vendor example.com --memory-per-vcpu 4Gi --size small=1 --size large=4x24Gi
  krm-fn new series gpu --gpu nvidia.com/A100 --dedicated -O gpu.yaml
""",
    "preference": """\
  krm-fn new preference golden --os-type linux --member 9 --member 10 --trait virtio --trait secureboot
""",
    "repo": """\
  krm-fn new repo shop/
  krm-fn new repo shop/ --for argocd
""",
}
HELP = f"""\
Write a first manifest, checked while it is written, or a whole repository to
start from. `--interactive` asks for what was not said.

examples:
{"".join(_EXAMPLES.values())}"""
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_DEFAULT = ["common"]
_FIELDS = {"instancetype": INSTANCETYPE_KINDS, "preference": PREFERENCE_KINDS}
_IMAGE = "quay.io/containerdisks/fedora:41"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    kinds = parser.add_subparsers(dest="what", required=True, metavar="vm|series|preference|repo")

    def add(what: str, summary: str) -> argparse.ArgumentParser:
        """One kind of thing, with its examples."""
        said = f"Write {summary}.\n\nexamples:\n{_EXAMPLES[what]}"
        form = argparse.RawDescriptionHelpFormatter
        return kinds.add_parser(what, help=summary, description=said, formatter_class=form)

    _configure_vm(add("vm", "a VirtualMachine of a few lines"))
    made = add("series", "an InstancetypeSeries: a family of sizes")
    made.add_argument("name", metavar="NAME", help="the family's name")
    made.add_argument("--size", action="append", default=[], metavar="NAME=VCPUS[xMEMORY]", help="one size; repeatable")
    made.add_argument("--memory-per-vcpu", default="2Gi", metavar="SIZE", help="memory of sizes without (default 2Gi)")
    made.add_argument("--class", dest="type_class", default="", metavar="CLASS", help="such as general.purpose")
    made.add_argument("--dedicated", action="store_true", help="a host CPU for each vCPU")
    made.add_argument("--hugepages", default="", metavar="SIZE", help="memory in pages of 2Mi or 1Gi")
    made.add_argument("--gpu", action="append", default=[], metavar="DEVICE", help="a GPU's device name; repeatable")
    _configure_definition(made)
    made = add("preference", "a PreferenceSeries: what guests of a system want")
    made.add_argument("name", metavar="NAME", help="the family's name")
    made.add_argument("--os-type", default="", metavar="TYPE", help="linux, windows, ...")
    made.add_argument("--member", action="append", default=[], metavar="NAME", help="one version; repeatable")
    made.add_argument("--trait", action="append", default=[], metavar="NAME", help="a packaged trait; repeatable")
    made.add_argument("--require-cpu", type=int, metavar="N", help="vCPUs that a guest needs")
    made.add_argument("--require-memory", metavar="SIZE", help="memory that a guest needs")
    _configure_definition(made)
    made = add("repo", "a repository: base, dev and prod, renderer, validator, hooks, a workflow")
    made.add_argument("folder", metavar="DIR", help="a new or an empty directory")
    made.add_argument(
        "--for",
        dest="target",
        choices=repo.TARGETS,
        default="kustomize",
        help="; ".join(f"{name}: {what}" for name, what in repo.TARGETS.items()),
    )
    made.add_argument("--name", default="", help="the project's name (default the directory's)")


def _configure_vm(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="the machine's name")
    parser.add_argument("--instancetype", default="", metavar="[KIND/]NAME", help="of a catalog, or your own")
    parser.add_argument("--preference", default="", metavar="[KIND/]NAME", help="of a catalog, or your own")
    parser.add_argument(
        "--image", default="", metavar="IMAGE|URL", help="a container disk, or a disk image to download"
    )
    parser.add_argument(
        "--data-source", default="", metavar="[NAMESPACE/]NAME", help="a DataSource to copy the disk from"
    )
    parser.add_argument("--size", default="", metavar="SIZE", help="of the disk; makes a copy of a container disk")
    parser.add_argument("--volume", action="append", default=[], metavar="NAME[=CLAIM]", help="a claim; repeatable")
    parser.add_argument("--network", action="append", default=[], metavar="NAME[:BINDING]", help="pod, or a definition")
    parser.add_argument("--cloud-init", default="", metavar="FILE", help="user data for cloud-init")
    parser.add_argument("--namespace", default="", help="the machine's namespace")
    parser.add_argument("--stopped", action="store_true", help="don't start it")
    parser.add_argument("--interactive", action="store_true", help="ask for what was not said")
    arguments.add_catalogs(parser, "where names are looked up: a packaged catalog, or a path (default common)")
    arguments.add_outputs(parser)


def _configure_definition(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--vendor", default="", metavar="VENDOR", help="whose it is")
    parser.add_argument("--display-name", default="", metavar="TEXT", help="for people")
    parser.add_argument("--scope", choices=("Cluster", "Namespaced", "Both"), default="", help="default Cluster")
    parser.add_argument("-O", "--output", metavar="FILE", help="write to this file instead of stdout")


def run(options: argparse.Namespace) -> int:
    """Write what was asked for, when nothing is wrong with it."""
    return {"vm": _vm, "series": _series, "preference": _preference, "repo": _repo}[options.what](options)


def _vm(options: argparse.Namespace) -> int:
    catalogs = open_all(_DEFAULT if options.catalogs is None else options.catalogs)
    if options.interactive:
        _ask(options, Catalog(catalogs))
    if not options.name:
        raise InputError("the machine has no name: write krm-fn new vm NAME")
    machine = vm.virtual_machine(
        vm.Choices(
            name=options.name,
            namespace=options.namespace,
            instancetype=_matcher("instancetype", options.instancetype),
            preference=_matcher("preference", options.preference),
            image=options.image,
            data_source=options.data_source,
            size=options.size,
            volumes=tuple(options.volume),
            networks=tuple(options.network),
            cloud_init=_user_data(options.cloud_init),
            stopped=options.stopped,
        )
    )
    config = {
        "apiVersion": CONFIG_API,
        "kind": "VirtualMachineRenderer",
        "metadata": {"name": "new"},
        "spec": {"mode": "check", "catalogs": catalogs},
    }
    _, found = dispatch.run(config, [machine])
    print_results(found)
    return FINDINGS if has_errors(found) else outputs.write_items([machine], options)


def _matcher(field: str, given: str) -> tuple[str, str]:
    """(kind, name) of `NAME` or `KIND/NAME`, the kind as KubeVirt spells it and "" for the usual one."""
    kind, _, name = given.rpartition("/")
    known = {each.lower(): each for each in _FIELDS[field]}
    if kind and kind.lower() not in known:
        raise InputError(f"--{field} {given}: write NAME, or {' or '.join(f'{each}/NAME' for each in known.values())}")
    return known.get(kind.lower(), ""), name


def _user_data(path: str) -> str:
    if not path:
        return ""
    try:
        return inputs.read_bytes(path).decode()
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not UTF-8 text") from None


def _ask(options: argparse.Namespace, catalog: Catalog) -> None:
    """Fill in what was not said. Raises InputError where nobody can answer."""
    if not sys.stdin.isatty():
        raise InputError("--interactive asks on a terminal, and there is none")
    options.name = options.name or _answer("Name", "my-vm")
    for field, usual in (("instancetype", "u1.medium"), ("preference", "fedora")):
        names = catalog.names(_FIELDS[field][0])
        while not getattr(options, field):
            given = _answer(field.capitalize(), usual if usual in names else "", names)
            if given in names:
                setattr(options, field, given)
            else:
                say(f"there is no {field} {given}{did_you_mean(given, names)}")
    if not (options.image or options.data_source or options.volume):
        options.image = _answer("Image", _IMAGE)


def _answer(question: str, usual: str, names: Iterable[str] = ()) -> str:
    """One line from the terminal; the tab key completes names, where Python has readline."""
    with suppress(ModuleNotFoundError):
        _complete_with(sorted(names))
    try:
        return input(f"{question}{f' [{usual}]' if usual else ''}: ").strip() or usual
    except EOFError:
        raise InputError("there was no answer, so nothing is written") from None


def _complete_with(known: list[str]) -> None:
    import readline

    def complete(text: str, state: int) -> str | None:
        fitting = [name for name in known if name.startswith(text)]
        return fitting[state] if state < len(fitting) else None

    readline.set_completer_delims("")
    readline.set_completer(complete)
    readline.parse_and_bind("tab: complete")


def _series(options: argparse.Namespace) -> int:
    template: Manifest = {}
    if options.dedicated:
        template["cpu"] = {"dedicatedCPUPlacement": True}
    if options.hugepages:
        template["memory"] = {"hugepages": {"pageSize": options.hugepages}}
    if options.gpu:
        template["gpus"] = [{"name": f"gpu{number}", "deviceName": name} for number, name in enumerate(options.gpu)]
    spec = {
        "class": options.type_class,
        "version": "1",
        "vendor": options.vendor,
        "displayName": options.display_name,
        "scope": options.scope,
        "memoryPerVCPU": options.memory_per_vcpu,
        "template": template,
    }
    return _checked(series.instancetypes(options.name, spec, series.pairs(options.size, "--size")), options)


def _preference(options: argparse.Namespace) -> int:
    requirements = {"cpu": options.require_cpu, "memory": options.require_memory}
    spec = {
        "vendor": options.vendor,
        "displayName": options.display_name,
        "osType": options.os_type,
        "scope": options.scope,
        "requirements": {key: value for key, value in requirements.items() if value},
    }
    return _checked(series.preferences(options.name, spec, options.member, options.trait), options)


def _checked(definition: Manifest, options: argparse.Namespace) -> int:
    """Write a definition that expands without a mistake."""
    made, found = dispatch.run(definition, [])
    print_results(found)
    if has_errors(found):
        return FINDINGS
    outputs.write_text(options.output, wire.write_yaml([definition]))
    names = [mapping(item, "metadata")["name"] for item in made]
    say(f"makes {', '.join(dict.fromkeys(names))}")
    return DONE


def _repo(options: argparse.Namespace) -> int:
    folder = options.folder
    if os.path.isdir(folder) and [name for name in os.listdir(folder) if name != ".git"]:  # noqa: PTH112,PTH208
        raise InputError(f"{folder} is not empty: name a new directory")
    name = options.name or os.path.basename(os.path.realpath(folder)).lower()  # noqa: PTH119
    if not _LABEL.fullmatch(name):
        raise InputError(f'"{name}" can\'t name a namespace: give letters, digits and - with --name')
    outputs.write_files(folder, repo.files(name, options.target))
    if options.target == "kpt":
        say(f"next: kpt fn render {os.path.join(folder, 'vms')}")  # noqa: PTH118
    else:
        overlay = os.path.join(folder, "vms", "overlays", "prod")  # noqa: PTH118
        say(f"next: kustomize build {repo.build_options(options.target)} {overlay}")
    return DONE
