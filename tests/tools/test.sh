#!/usr/bin/env bash
# Lint, then every test. In CI a missing tool fails its tests; elsewhere they are skipped, by name.
set -euo pipefail
make --no-print-directory lint
.venv/bin/python -m pytest "$@"
