#!/usr/bin/env bash
# Build every kustomization of base and head, and report what the change does to the machines that run.
#
# KUSTOMIZATIONS  directories, one a line        BASE  the commit to compare with        BUILD_OPTIONS  of kustomize build
# KUBEVIRT  version, or empty                    CLUSTER  a file with the KubeVirt object, or empty
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

masked() { # manifests without what Secrets hold: kustomize writes block YAML, one document after the other
  awk '
    function tell(  i, inside) {
      for (i = 0; i < count; i++) {
        if (secret && lines[i] ~ /^[^ ]/) inside = lines[i] ~ /^(data|stringData):/
        else if (inside || (secret && lines[i] ~ /last-applied-configuration:/)) sub(/:.*/, ": (not shown)", lines[i])
        if (!inside || lines[i] ~ /^[^ ]/ || lines[i] ~ /^  [^ ].*: \(not shown\)$/) print lines[i]
      }
      count = 0; secret = 0
    }
    /^---/ { tell() }
    /^kind: "?Secret"?$/ { secret = 1 }
    { lines[count++] = $0 }
    END { tell() }'
}

git rev-parse --quiet --verify "$BASE^{commit}" >/dev/null || git fetch --quiet --depth 1 origin "$BASE"
before=$RUNNER_TEMP/krm-fn-base
git worktree remove --force "$before" 2>/dev/null || true
git worktree add --quiet --detach "$before" "$BASE"
failed=()
while read -r path; do
  [ -n "$path" ] || continue
  name=${path//%/%25} # what a path becomes can be told back, so that a/b and a_b are two files
  name=${name//\//%2F}.yaml
  build . "$out/head/$name" "$path" || failed+=("$path")
  { [ -d "$before/$path" ] && build "$before" "$out/base/$name" "$path" 2>/dev/null; } || : >"$out/base/$name"
done <<<"$KUSTOMIZATIONS"
git worktree remove --force "$before"
if [ ${#failed[@]} != 0 ]; then
  printf '::error::%s does not build, see the log\n' "${failed[@]}"
  exit 1
fi

changed=false
diff -r "$out/base" "$out/head" >/dev/null || changed=true
report=$out/report.md
options=()
[ -z "${KUBEVIRT:-}" ] || options+=(--kubevirt "$KUBEVIRT")
[ -z "${CLUSTER:-}" ] || options+=(--cluster "$CLUSTER")
for format in markdown json; do
  file=$report
  [ "$format" = markdown ] || file=$out/report.json
  status=0
  krm-fn diff "${options[@]}" -o "$format" -O "$file" "$out/base" "$out/head" || status=$?
  [ "$status" -le 1 ] || exit "$status"
done
{
  cat "$report"
  # everything that changes, for the job's page only, which holds a mebibyte
  for head in "$out"/head/*.yaml; do
    base=$out/base/$(basename "$head")
    cmp -s "$base" "$head" && continue
    title=$(basename "$head" .yaml)
    title=${title//%2F//}
    printf '\n<details><summary>%s</summary>\n\n````diff\n' "${title//%25/%}"
    diff -U 3 --label base --label head <(masked <"$base") <(masked <"$head") | tr '`' "'" || true
    printf '````\n</details>\n'
  done
} | head -c 900000 >>"$GITHUB_STEP_SUMMARY"
printf 'changed=%s\nrendered=%s\nreport=%s\n' "$changed" "$out" "$report" >>"$GITHUB_OUTPUT"
