#!/usr/bin/env bash
# Create the virtual environment with the project (editable), its tests' and its linters' packages, as they are locked;
# LOCKED=0 takes the newest instead.
set -euo pipefail
python=$1 venv=$2
"$python" -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "krm-fn needs Python 3.11 or newer; name one with make PYTHON=python3.x")'
if [ ! -x "$venv/bin/pip" ]; then
  rm -rf "$venv"
  "$python" -m venv "$venv" || {
    rm -rf "$venv"
    echo "$python can't make virtual environments: install its venv module (Debian's package is python3-venv), or name another with make PYTHON=python3.x" >&2
    exit 1
  }
fi
pip=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check)
if [ "${LOCKED:-1}" = 0 ]; then
  "${pip[@]}" 'pip>=25.1'
  exec "${pip[@]}" --upgrade --group test --group lint --group build --group docs -e .
fi
"${pip[@]}" --require-hashes -r tests/requirements.lock
"${pip[@]}" --no-deps --no-build-isolation -e .
