#!/usr/bin/env bash
# Write everything a release consists of but the image into dist/: wheel, sdist, one executable for every Python and platform,
# the krew plugin around it, the bill of materials, the notes. Packages come with the hashes of requirements.lock.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=.venv/bin work=build/dist
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 315532800)} # zip knows no year before 1980
export SOURCE_DATE_EPOCH
rm -rf dist $work && mkdir -p dist $work/site
$bin/hatchling build -d dist >/dev/null

# An executable that needs a python3 and nothing else: the wheels of all Pythons and platforms lie side by side in it, as the
# names of compiled modules say what they are for.
for python in 3.11 3.12 3.13 3.14; do
  for platform in manylinux2014_x86_64:manylinux_2_28_x86_64 manylinux2014_aarch64:manylinux_2_28_aarch64 macosx_11_0_arm64; do
    IFS=: read -r -a names <<<"$platform"
    $bin/python -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: \
      --implementation cp --python-version $python "${names[@]/#/--platform=}" --dest $work/wheels -r requirements.lock
  done
done
for wheel in $work/wheels/*.whl dist/*.whl; do $bin/python -m zipfile -e "$wheel" $work/site; done
rm -rf $work/site/krm_fn-*.data # the man page, which no executable shows
$bin/shiv --compressed --reproducible --site-packages $work/site --python '/usr/bin/env python3' --entry-point krm_fn.main:main \
  --output-file dist/krm-fn.pyz

.ci/image/sbom.sh
$bin/python tests/tools/version.py --notes >dist/NOTES.md
$bin/python .ci/dist/krew.py dist
ls dist
