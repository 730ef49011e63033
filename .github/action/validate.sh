#!/usr/bin/env bash
# Validate the files of the repository, for findings at their lines, and then what was rendered of them.
#
# SOURCES  files and directories, separated by spaces     KUBEVIRT  version, or empty     RENDERED  what render.sh wrote
set -euo pipefail
: "${SOURCES:?are the files and directories to validate}"
read -ra sources <<<"$SOURCES"
options=(--skip-other)
[ -z "${KUBEVIRT:-}" ] || options+=(--kubevirt "$KUBEVIRT")
sarif=$RUNNER_TEMP/krm-fn.sarif
status=0
krm-fn validate "${options[@]}" -o sarif -O "$sarif" "${sources[@]}" || status=$?
[ "$status" -le 1 ] || exit "$status"
echo "sarif=$sarif" >>"$GITHUB_OUTPUT"
if [ -n "${RENDERED:-}" ]; then
  krm-fn validate "${options[@]}" "$RENDERED/head" || status=$?
fi
exit "$status"
