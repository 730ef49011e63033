#!/usr/bin/env bash
# Put krm-fn of this action's own commit on the PATH of the following steps, its packages checked against the lock.
set -euo pipefail
venv=$RUNNER_TEMP/krm-fn
python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$GITHUB_ACTION_PATH/requirements.lock"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$GITHUB_ACTION_PATH"
mkdir -p "$venv/path"
ln -sf "$venv/bin/krm-fn" "$venv/path/krm-fn"
echo "$venv/path" >>"$GITHUB_PATH"
