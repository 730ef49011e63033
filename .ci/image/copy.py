#!/usr/bin/python3 -IS
"""Copy krm-fn, its interpreter and their libraries out of this image, for an image that has no Python.

    krm-fn-copy DIR

An init container runs it on a volume that the other containers mount at the same DIR; DIR/krm-fn is the command. It
brings its own loader and C library, so that any Linux image with /bin/sh will do.
"""

import os
import shutil
import sys

TREES = ("usr", "lib", "lib64")


def find(root: str, start: str) -> str:
    """The path of the one file below root whose name starts so."""
    for folder, _, names in os.walk(root):
        for name in names:
            if name.startswith(start):
                return os.path.join(folder, name)
    sys.exit(f"error: there is no {start}* in {root}: copy from the krm-fn image")


def main() -> None:
    if len(sys.argv) != 2 or not os.path.isabs(sys.argv[1]):
        sys.exit("usage: krm-fn-copy DIR, an absolute path that the other containers mount too")
    target = sys.argv[1].rstrip("/")
    source = os.path.abspath(__file__).removesuffix("/usr/bin/krm-fn-copy") or "/"
    for tree in TREES:
        if os.path.isdir(os.path.join(source, tree)):
            shutil.copytree(os.path.join(source, tree), f"{target}/{tree}", symlinks=True, dirs_exist_ok=True)
    libraries = os.path.dirname(find(f"{target}/lib", "libc.so"))
    command = (
        f"{find(target, 'ld-linux-')} --library-path {libraries} {target}/usr/bin/python3 -IS {target}/usr/bin/krm-fn"
    )
    path = f"{target}/krm-fn"
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nexec {command} "$@"\n')
    os.chmod(path, 0o755)


main()
