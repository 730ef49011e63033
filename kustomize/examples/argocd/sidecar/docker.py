#!/usr/bin/python3 -IS
"""Stand in for Docker where `kustomize build` looks for it, and run krm-fn in place of its own image.

Any other image is refused, and another version of ours too: a repository can't bring a program of its own, and what it
was reviewed with is what renders it. kustomize itself runs without --enable-exec.
"""

import re
import sys

sys.path.append("/usr/lib/krm-fn")
from krm_fn import __version__
from krm_fn.main import main

IMAGE = "ghcr.io/krm-fn/krm-fn"
FORM = re.compile(r"(?P<name>[^@]+?)(:v?(?P<version>[^:/@]+))?(@(?P<digest>.+))?")


def refuse(reason):
    sys.stderr.write(f"error: {reason}\n")
    sys.exit(1)


arguments = sys.argv[1:]
if arguments[:1] != ["run"]:
    refuse("only `docker run` by kustomize is understood here")
wanted = FORM.fullmatch(arguments[-1])
if not wanted or wanted["name"] != IMAGE:
    refuse(f"this plugin runs no function but {IMAGE}, and the kustomization names {arguments[-1]}")
if wanted["version"] not in (None, __version__):
    refuse(
        f"this plugin has krm-fn {__version__}, and the kustomization names {arguments[-1]}; write {IMAGE}:v{__version__}"
    )
sys.exit(main([]))
