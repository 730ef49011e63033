"""Write the krew plugin of dist/krm-fn.pyz: an archive for `kubectl krm-fn`, and the manifest that krew's index takes."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import pathlib
import sys
import tarfile

from krm_fn import __version__

MANIFEST = """\
apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: krm-fn
spec:
  version: v{version}
  homepage: https://github.com/krm-fn/krm-fn
  shortDescription: Render and check KubeVirt VMs and instancetypes
  description: |
    Generates families of KubeVirt instancetypes and preferences, writes VirtualMachines out as
    KubeVirt would start them, and reports mistakes before they reach the cluster. No cluster is
    asked.
  caveats: |
    It needs Python 3.11 or newer as python3.
  platforms:
{platforms}"""
PLATFORM = """\
  - selector: {{matchLabels: {{os: {os}, arch: {arch}}}}}
    uri: https://github.com/krm-fn/krm-fn/releases/download/v{version}/kubectl-krm_fn.tar.gz
    sha256: {digest}
    bin: kubectl-krm_fn
"""
PLATFORMS = (("linux", "amd64"), ("linux", "arm64"), ("darwin", "arm64"))


def archive(files: dict[str, tuple[bytes, int]]) -> bytes:
    """A tar.gz whose bytes depend on nothing but its files, given as name to (content, mode)."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), mode, int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)


def main(folder: pathlib.Path) -> None:
    packed = archive(
        {
            "kubectl-krm_fn": ((folder / "krm-fn.pyz").read_bytes(), 0o755),
            "LICENSE": (pathlib.Path("LICENSE").read_bytes(), 0o644),
        }
    )
    (folder / "kubectl-krm_fn.tar.gz").write_bytes(packed)
    digest = hashlib.sha256(packed).hexdigest()
    platforms = "".join(PLATFORM.format(os=system, arch=arch, version=__version__, digest=digest) for system, arch in PLATFORMS)
    (folder / "krew.yaml").write_text(MANIFEST.format(version=__version__, platforms=platforms))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
