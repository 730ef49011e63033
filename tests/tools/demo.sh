#!/usr/bin/env bash
# The main job, for a person to watch in a minute: what goes in, what comes out, what an overlay changes, what a mistake says.
set -euo pipefail
cd kustomize/examples/quickstart
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; fi
say() { printf '\n%s%s%s\n\n' "$bold" "$1" "$plain"; }

build() { # OVERLAY: with the real kustomize, kubectl's where there is no other, else with krm-fn alone
  if command -v kustomize >/dev/null; then
    kustomize build --enable-alpha-plugins --enable-exec "$1"
  elif command -v kubectl >/dev/null; then
    # kubectl runs functions only as containers: a stand-in for docker runs ours directly
    if [ ! -d "$work/kustomize" ]; then
      mkdir "$work/bin"
      printf '#!/bin/sh\nexec krm-fn\n' >"$work/bin/docker"
      chmod +x "$work/bin/docker"
      cp -r ../.. "$work/kustomize"
      sed -i 's/render-vms-exec/render-vms/' "$work"/kustomize/examples/quickstart/overlays/*/kustomization.yaml
    fi
    PATH=$work/bin:$PATH kubectl kustomize --enable-alpha-plugins "$work/kustomize/examples/quickstart/$1"
  else
    krm-fn render base
  fi
}

only_vm() { # the VirtualMachine of a build, without the copies of what was applied to it
  awk 'BEGIN {RS = "---\n"} /(^|\n)kind: VirtualMachine\n/' | grep -v -- '-revision:'
}

beside() { # LEFT RIGHT: two files side by side
  awk 'NR == FNR {left[++most] = $0; next} {rows++; printf "%-68s | %s\n", left[FNR], $0}
    END {for (row = rows + 1; row <= most; row++) printf "%-68s |\n", left[row]}' "$1" "$2"
}

cat <<TEXT
A series defines a family of sizes in a few lines, and a short VirtualMachine names one of them and a preference. During
\`kustomize build\`, krm-fn makes the sizes, looks both names up and writes the machine out as KubeVirt would run it. What
KubeVirt would refuse in the cluster fails the build instead, with what to write.
TEXT

say "1. base/vm.yaml, and what dev gets of it:"
if ! build overlays/dev >"$work/dev.yaml" 2>"$work/errors"; then cat "$work/errors" >&2; exit 1; fi
only_vm <"$work/dev.yaml" >"$work/vm.yaml"
grep -v '^#' base/vm.yaml >"$work/short.yaml"
beside "$work/short.yaml" "$work/vm.yaml"

say "2. base/series.yaml, the sizes:"
grep -v '^#' base/series.yaml

say "3. What prod changes (4Gi for each vCPU, and a larger size), and what that does to the machine:"
build overlays/prod 2>/dev/null | only_vm >"$work/prod.yaml" || true
diff -U0 "$work/vm.yaml" "$work/prod.yaml" | grep '^[-+] ' || true

say "4. A mistake: web.smal in base/vm.yaml. The build fails with"
mkdir "$work/wrong"
cp base/series.yaml "$work/wrong"
sed 's/web\.small/web.smal/' base/vm.yaml >"$work/wrong/vm.yaml"
(cd "$work/wrong" && krm-fn render . 2>&1 >/dev/null) || true

say "5. Where to look next:"
cat <<TEXT
krm-fn --help                                           the commands, with examples
krm-fn catalog find --cpu 6 --memory 20Gi               which packaged size fits
krm-fn new repo shop                                    a repository to start from
README.md                                               the rest
TEXT
