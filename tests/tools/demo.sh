#!/usr/bin/env bash
# The main job, for a person to watch: a series and a short VM in, instancetypes and the expanded VM out.
set -euo pipefail
cd kustomize/examples/quickstart
echo "# base/series.yaml and base/vm.yaml, with overlays/prod over them:"
sed 's/^/#   /' base/vm.yaml
if command -v kustomize >/dev/null; then
  echo "# kustomize build --enable-alpha-plugins --enable-exec overlays/prod"
  exec kustomize build --enable-alpha-plugins --enable-exec overlays/prod
fi
if command -v kubectl >/dev/null; then
  # kubectl has the real kustomize but runs functions only as containers: a stand-in for docker runs ours directly.
  shim=$(mktemp -d)
  trap 'rm -rf "$shim"' EXIT
  printf '#!/bin/sh\nexec krm-fn\n' >"$shim/docker"
  chmod +x "$shim/docker"
  copy=$shim/kustomize
  cp -r ../.. "$copy"
  sed -i 's/render-vms-exec/render-vms/' "$copy"/examples/quickstart/overlays/*/kustomization.yaml
  echo "# kubectl kustomize --enable-alpha-plugins overlays/prod (no kustomize here)"
  PATH=$shim:$PATH kubectl kustomize --enable-alpha-plugins "$copy/examples/quickstart/overlays/prod"
  exit
fi
echo "# krm-fn render base (neither kustomize nor kubectl here)"
exec krm-fn render base
