#!/usr/bin/env bash
# Write dist/krm-fn.cdx.json: what krm-fn runs on, with the hash of every file, as a CycloneDX bill of materials of the lock.
set -euo pipefail
cd "$(dirname "$0")/../.."
tool=build/sbom/bin/cyclonedx-py
[ -x $tool ] || { "${PYTHON:-python3}" -m venv build/sbom && build/sbom/bin/python -m pip install --quiet --disable-pip-version-check 'cyclonedx-bom>=7,<8'; }
mkdir -p dist
PYTHONWARNINGS=ignore $tool requirements --pyproject pyproject.toml --mc-type application --output-reproducible --output-format JSON \
  --output-file dist/krm-fn.cdx.json requirements.lock
# The version is read from the package, which the tool does not do.
build/sbom/bin/python - dist/krm-fn.cdx.json "$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' krm_fn/__init__.py)" <<'PROGRAM'
import json, sys
path, version = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    bom = json.load(file)
bom["metadata"]["component"] |= {"version": version, "purl": f"pkg:pypi/krm-fn@{version}"}
with open(path, "w", encoding="utf-8") as file:
    json.dump(bom, file, indent=2)
    file.write("\n")
PROGRAM
