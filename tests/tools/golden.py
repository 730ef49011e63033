"""Rewrite every file that is made from code: run it after an intended change, then review `git diff`.

Pages made from tables, the README's output, the man page, schemas/, and the fingerprints of the official catalog's objects. Tests hold
each of them against what this writes.
"""

from __future__ import annotations

import hashlib
import json
import pathlib
import re
import subprocess
import sys

from krm_fn.core import wire
from krm_fn.core.manifest import name_of
from krm_fn.kubevirt import versions
from krm_fn.kubevirt.api import LABEL
from krm_fn.series import catalog
from krm_fn.validate.admission.document import page as rules
from krm_fn.validate.versions_page import page as versions_page
from krm_fn.vm.impact.fields import page as impact
from krm_fn.vm.mapping import markdown as mapping

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROSE = f"{LABEL}description"


def fingerprint(item):
    """The facts of an object: all but its description, which is prose."""
    annotations = {key: value for key, value in item["metadata"].get("annotations", {}).items() if key != PROSE}
    facts = {**item, "metadata": {**item["metadata"], "annotations": annotations}}
    return hashlib.sha256(wire.canonical_json(facts).encode()).hexdigest()


def fingerprints():
    """A line for each object of the catalog `common`, in the order of the lines."""
    items = [item for _, one in catalog.definitions(["common"]) for item in catalog.expand_as(one, "Both")]
    return sorted(f"{fingerprint(item)}  {item['kind']}/{name_of(item)}" for item in items)


def with_versions(schema):
    """The text of a function's schema with the versions that there are."""
    lines = ",\n          ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in versions.schema().items())
    return re.sub(
        r'("kubevirt": \{\n +"title": [^\n]*\n +"description": [^\n]*\n +).*?(\n        \})',
        lambda match: f"{match[1]}{lines}{match[2]}",
        schema,
        flags=re.DOTALL,
    )


def main():
    (ROOT / "docs" / "mapping.md").write_text(mapping())
    (ROOT / "docs" / "rules.md").write_text(rules())
    (ROOT / "docs" / "versions.md").write_text(versions_page())
    (ROOT / "docs" / "impact.md").write_text(impact())
    subprocess.run([sys.executable, ROOT / "tests" / "tools" / "picture.py"], check=True)
    for path in (ROOT / "schemas" / "functionConfig").glob("*.json"):
        path.write_text(with_versions(path.read_text()))
    (ROOT / "tests" / "catalog" / "common.sha256").write_text("\n".join(fingerprints()) + "\n")
    for tool in ("make_schemas.py", "readme.py", "pages.py", "man.py"):
        subprocess.run([sys.executable, str(ROOT / "tests" / "tools" / tool)], check=True)


if __name__ == "__main__":
    main()
