#!/usr/bin/env bash
# Unpack Debian packages and what they need into a directory: nothing is installed, no service is enabled, no root needed.
#
#     tests/tools/unpack.sh DIRECTORY PACKAGE...    what this machine lacks of them
#     FROM=nothing tests/tools/unpack.sh ...        all of it, down to the C library: a root file system
#
# It makes DIRECTORY/root; DIRECTORY/apt is its own, so that no other apt is in its way.
set -euo pipefail
work=$1
shift
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo "there is no apt-get to unpack $* with" >&2; exit 1; }
apt=$work/apt
rm -rf "$work"
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$work/root"/usr/{bin,sbin,lib,lib64}
apt=$(realpath "$apt")
options=(-qq -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt" -o "Dir::Cache::archives=$apt/archives")
options+=(-o APT::Sandbox::User=root -o Debug::NoLocking=1)
if [ "${FROM:-machine}" = nothing ]; then
  : >"$apt/status"
  options+=(-o "Dir::State::status=$apt/status")
fi
{
  apt-get "${options[@]}" update
  apt-get "${options[@]}" install --yes --no-install-recommends --download-only "$@"
} >"$apt/log" 2>&1 || { tail -n 3 "$apt/log" >&2; exit 1; }
# As on the machines the packages are made for, /bin is /usr/bin.
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$work/root/$folder"; done
for package in "$apt"/archives/*.deb; do
  [ -e "$package" ] || continue
  dpkg-deb --fsys-tarfile "$package" | tar --extract --keep-directory-symlink --directory "$work/root" --no-same-owner
done
rm -rf "$apt"
