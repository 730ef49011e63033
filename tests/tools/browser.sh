#!/usr/bin/env bash
# Have a Chromium for the tests of a catalog's site. One that is there is used; where there is none, Debian's package is
# installed in CI or with INSTALL=1, which takes root and apt-get. Else the tests are left out, by name; CI takes that for
# a failure.
set -euo pipefail
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null && exit 0
done
if [ -n "${CI:-}" ] || [ "${INSTALL:-}" = 1 ]; then
  mkdir -p build
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing chromium" >&2
    wait=(-o DPkg::Lock::Timeout=300)
    { apt-get "${wait[@]}" update -qq &&
      DEBIAN_FRONTEND=noninteractive apt-get "${wait[@]}" install -qq -y --no-install-recommends chromium fonts-dejavu-core; } \
      >build/browser.log 2>&1 && exit 0
    tail -n 3 build/browser.log >&2
  fi
  echo "there is no Chromium, and it could not be installed (that takes root and apt-get)" >&2
  [ -z "${CI:-}" ] || exit 1
fi
echo "there is no Chromium: the browser tests are left out; CI takes that for a failure" >&2
