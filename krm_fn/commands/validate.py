"""`krm-fn validate`: what KubeVirt would refuse, on files, with the line of each finding."""

from __future__ import annotations

from krm_fn.core import wire
from krm_fn.core.console import DONE, FINDINGS, wants_colour
from krm_fn.core.errors import FunctionConfigError, InputError
from krm_fn.core.finding import Finding
from krm_fn.core.manifest import mapping, text
from krm_fn.fleet import sharing
from krm_fn.functions.manifest_validator import SKIPPED, validate
from krm_fn.report import Report, Subject
from krm_fn.validate.config import check_config, without_nulls
from krm_fn.validate.severity import LEVELS
from krm_fn.workspace import arguments, inputs, manifests, outputs, settings
from krm_fn.workspace.catalogs import open_all, open_configured
from krm_fn.workspace.manifests import UNREADABLE, Workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from krm_fn.core.manifest import Manifest

HELP = """\
Check KubeVirt's manifests and krm-fn's own definitions against the schemas and
the admission rules of a KubeVirt version. All findings come at once, each with
its file and line.

examples:
  krm-fn validate vms/
  kustomize build overlays/prod | krm-fn validate -
  krm-fn validate --kubevirt 1.7 --references error vms/
  krm-fn validate --severity references/not-found=off --severity schema=warn vms/
  krm-fn validate --schemas schemas/ vms/       against CRDs, see `krm-fn schema`
  krm-fn validate -o sarif -O findings.sarif vms/
  krm-fn validate -o github vms/                at the lines of a pull request
"""
_KIND = "ManifestValidator"
_FORMATS = ("text", "json", "yaml", "junit", "sarif", "github", "gitlab")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    arguments.add_inputs(parser)
    parser.add_argument("--config", metavar="FILE", help=f"a {_KIND} to take the settings from; options go before it")
    arguments.add_kubevirt(parser, "whose schemas and rules apply")
    arguments.add_catalogs(parser, "whose objects count as there: a packaged catalog, or a path (default common)")
    parser.add_argument(
        "--schemas", metavar="DIR", help="JSON Schemas made by `krm-fn schema --from-crd`, before the packaged ones"
    )
    parser.add_argument(
        "--references", choices=("error", "warn", "ignore"), help="objects that are named and not among the manifests"
    )
    parser.add_argument(
        "--severity", metavar="RULE=LEVEL", action="append", default=[], help="error, warn or off for a rule or an area"
    )
    parser.add_argument(
        "--skip-other", action="store_true", help="leave out what is no manifest or can't be read, as for a hook"
    )
    arguments.add_report(parser, _FORMATS)
    arguments.add_fleet(parser)


def run(options: argparse.Namespace) -> int:
    """Validate the inputs. Raises InputError for what can't be read, FunctionConfigError for settings that can't be used."""
    spec = _spec(options)
    # references are looked for everywhere in a machine, so they need all of it
    remember = spec.get("references", "ignore") == "ignore"
    with sharing.of(options, remember=remember) as shared:
        sources = Workspace(options.inputs, skip_other=options.skip_other, exclude=options.exclude, parse=shared.parse)
        open_configured(*manifests.configurations(sources.items)[0])
        if not sources.items:
            sources.refuse_failures()
        if not sources.items and not options.skip_other:
            raise InputError(f"{', '.join(options.inputs)}: there is nothing to validate")
        done = validate(
            spec,
            sources.items,
            check_each=shared.check_each,
            part=shared.part,
        )
    checked = sources.items if shared.part is None else shared.part(sources.items)[0]
    report = _report(sources, checked, done.results, {id(item) for item in done.skipped})
    outputs.write_text(options.output, _written(report, options))
    return FINDINGS if report.counts()["errors"] else DONE


def _spec(options: argparse.Namespace) -> Manifest:
    """The ManifestValidator spec that the options come to."""
    spec = dict(_configured(options.config)) if options.config else {}
    settings.complete(options, spec)
    for name in ("kubevirt", "schemas", "references"):
        value = getattr(options, name)
        if value:
            spec[name] = value
    if options.catalogs is not None:
        spec["catalogs"] = open_all(options.catalogs)
    severities = dict(mapping(spec, "severity"))
    for each in options.severity:
        rule, equals, level = each.partition("=")
        if not equals or level not in LEVELS:
            raise InputError(f"--severity {each}: write RULE=error, RULE=warn or RULE=off")
        severities[rule] = level
    _check_rules(severities)
    return spec | ({"severity": severities} if severities else {})


def _check_rules(severities: Manifest) -> None:
    """A misspelt rule would silently leave everything as it was."""
    if not severities:
        return
    from krm_fn.rules import unknown

    for rule, near in unknown(severities).items():
        raise InputError(f"there is no rule {rule}{near or '; `krm-fn rules` lists them'}")


def _configured(path: str) -> Manifest:
    name, data, _ = inputs.content(path)
    found = [each for each in wire.read(data, name) if isinstance(each, dict) and text(each, "kind") == _KIND]
    if len(found) != 1:
        raise InputError(f"{name}: there are {len(found)} {_KIND} in it, not one")
    open_configured(found[0])
    mistakes = check_config(found[0])
    if mistakes:
        raise FunctionConfigError(mistakes)
    return mapping(without_nulls(found[0]), "spec")


def _report(sources: Workspace, checked: list[Manifest], results: list[Finding], skipped: set[int]) -> Report:
    """The results by manifest, in the order of the input, those of a manifest by line."""
    found: dict[int, list[tuple[Finding, int]]] = {}
    for result in results:
        if result.rule != SKIPPED:  # the summary says it
            found.setdefault(id(result.item), []).append((result, sources.line_of(result)))
    subjects = []
    for item in checked:
        findings = sorted(found.pop(id(item), []), key=lambda pair: pair[1])
        subjects.append(Subject(item, *sources.file(item), findings, skipped=id(item) in skipped))
    subjects += [
        Subject(None, failure.file, 0, [(Finding(UNREADABLE, failure.message), failure.line)])
        for failure in sources.failures
    ]
    left = [finding for findings in found.values() for finding in findings]
    return Report(subjects + ([Subject(None, "", 0, left)] if left else []))


def _written(report: Report, options: argparse.Namespace) -> str:
    if options.format == "text":
        from krm_fn.report import text as as_text

        return as_text.write(report, colour=not options.output and wants_colour())
    if options.format == "junit":
        from krm_fn.report import junit

        return junit.write(report)
    if options.format == "sarif":
        from krm_fn.report import sarif

        return wire.write_json(sarif.log(report), 2) + "\n"
    if options.format == "github":
        from krm_fn.report import reviews

        return reviews.github(report)
    if options.format == "gitlab":
        from krm_fn.report import reviews

        return wire.write_json(reviews.gitlab(report), 2) + "\n"
    from krm_fn.report.data import data

    return wire.write_json(data(report), 2) + "\n" if options.format == "json" else wire.write_yaml([data(report)])
