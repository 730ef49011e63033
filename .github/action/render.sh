#!/usr/bin/env bash
# Build every kustomization of base and head, and report what changes between them.
#
# KUSTOMIZATIONS  directories, one a line        BASE  the commit to compare with        BUILD_OPTIONS  of kustomize build
#
# A kustomization that does not build in head fails the job, after all of them were tried. One that is not there, or did
# not build, in base counts as empty there: a pull request may add it or mend it.
set -euo pipefail
: "${BASE:?is the commit to compare with: give the input base, or run on a pull request}"
out=$RUNNER_TEMP/krm-fn-rendered
rm -rf "$out" && mkdir -p "$out/base" "$out/head"
read -ra options <<<"${BUILD_OPTIONS:-}"

build() { # TREE TARGET KUSTOMIZATION
  kustomize build "${options[@]}" "$1/$3" >"$2" && krm-fn check "$2" >/dev/null
}

git rev-parse --quiet --verify "$BASE^{commit}" >/dev/null || git fetch --quiet --depth 1 origin "$BASE"
before=$RUNNER_TEMP/krm-fn-base
git worktree remove --force "$before" 2>/dev/null || true
git worktree add --quiet --detach "$before" "$BASE"
failed=()
while read -r path; do
  [ -n "$path" ] || continue
  name=${path//\//_}.yaml
  build . "$out/head/$name" "$path" || failed+=("$path")
  { [ -d "$before/$path" ] && build "$before" "$out/base/$name" "$path" 2>/dev/null; } || : >"$out/base/$name"
done <<<"$KUSTOMIZATIONS"
git worktree remove --force "$before"
if [ ${#failed[@]} != 0 ]; then
  printf '::error::%s does not build, see the log\n' "${failed[@]}"
  exit 1
fi

changed=false
diff -ru --label base --label head "$out/base" "$out/head" >/dev/null || changed=true
report=$out/report.md
{
  echo "### What changes in the cluster"
  if [ "$changed" = false ]; then
    printf '\nNothing.\n'
  fi
  for head in "$out"/head/*.yaml; do
    name=$(basename "$head")
    base=$out/base/$name
    cmp -s "$base" "$head" && continue
    printf '\n<details><summary>%s</summary>\n\n````diff\n' "${name%.yaml}"
    diff -U 6 --label base --label head "$base" "$head" || true
    printf '````\n</details>\n'
  done
} >"$report"
# A comment holds 65,536 characters.
if [ "$(wc -m <"$report")" -gt 60000 ]; then
  summary=$(diff -rq "$out/base" "$out/head" | wc -l)
  printf '### What changes in the cluster\n\n%s kustomizations, too much for a comment: see the job'"'"'s summary.\n' "$summary" >"$out/short.md"
  head -c 900000 "$report" >>"$GITHUB_STEP_SUMMARY"
  report=$out/short.md
else
  cat "$report" >>"$GITHUB_STEP_SUMMARY"
fi
printf 'changed=%s\nrendered=%s\nreport=%s\n' "$changed" "$out" "$report" >>"$GITHUB_OUTPUT"
