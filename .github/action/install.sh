#!/usr/bin/env bash
# Put krm-fn of this action's own commit on the PATH of the following steps, its packages checked against the lock.
set -euo pipefail
venv=$RUNNER_TEMP/krm-fn
# -I: nothing that lies in the checkout, and no variable of the job, is imported by what judges the checkout
python3 -I -m venv "$venv"
"$venv/bin/python" -I -m pip install --quiet --disable-pip-version-check --require-hashes -r "$GITHUB_ACTION_PATH/requirements.lock"
"$venv/bin/python" -I -m pip install --quiet --disable-pip-version-check --no-deps "$GITHUB_ACTION_PATH"
mkdir -p "$venv/path"
printf '#!/bin/sh\nexec "%s" -I -m krm_fn "$@"\n' "$venv/bin/python" >"$venv/path/krm-fn"
chmod +x "$venv/path/krm-fn"
echo "$venv/path" >>"$GITHUB_PATH"
