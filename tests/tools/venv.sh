#!/usr/bin/env bash
# Create the virtual environment with the project (editable), its tests' and its linters' packages.
set -euo pipefail
python=$1 venv=$2
"$python" -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "krm-fn needs Python 3.11 or newer; name one with make PYTHON=python3.x")'
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt -e .
