#!/usr/bin/env bash
# Rewrite requirements.lock (what krm-fn runs on) and .ci/image/build.lock (what builds it), with the hash of every file.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
[ -x build/lock/bin/uv ] || { "$python" -m venv build/lock && build/lock/bin/python -m pip install --quiet 'uv>=0.9,<1'; }
lock() { # INPUT OUTPUT
  build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
    --custom-compile-command "make lock" "$1" -o "$2"
}
lock pyproject.toml requirements.lock
lock .ci/image/build.in .ci/image/build.lock
