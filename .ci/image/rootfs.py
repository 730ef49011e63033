"""Lay out the root file system of the image: an interpreter, the part of its library that is used, and krm-fn.

    python3 rootfs.py --wheels DIR --lock FILE --out DIR

Runs inside the build stage, with the Python that the image will have, and needs nothing but that Python. Nothing is
fetched: every package comes from the wheels, and its hash from the lock. The same wheels and the same Python give the
same bytes: times are SOURCE_DATE_EPOCH, modes are fixed, byte code is checked by nothing at run time.
"""

from __future__ import annotations

import argparse
import compileall
import os
import pathlib
import re
import shutil
import subprocess
import sys
from py_compile import PycInvalidationMode

APPLICATION = "usr/lib/krm-fn"
LIBRARY = f"usr/lib/python{sys.version_info.major}.{sys.version_info.minor}"
LAUNCHER = """\
#!/usr/bin/python3 -IS
import sys

sys.path.append(__file__.rpartition("/bin/")[0] + "/lib/krm-fn")
from krm_fn.main import main

sys.exit(main())
"""
"""Without `site`, and with the packages found from where the launcher lies, so that the whole tree can be moved."""
ACCOUNTS = {
    "etc/passwd": "root:x:0:0:root:/:/nonexistent\nnobody:x:65534:65534:nobody:/:/nonexistent\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
}
LEFT_OUT = {
    "other packages": "site-packages dist-packages sitecustomize ensurepip venv",
    "development": "test unittest doctest pdb bdb cProfile profile pstats trace tracemalloc lib2to3 pydoc pydoc_data"
    " pickletools pyclbr symtable tabnanny timeit zipapp modulefinder compileall distutils _pyrepl",
    "screens": "idlelib tkinter _tkinter turtle turtledemo curses _curses _curses_panel readline rlcompleter cmd",
    "network": "_socket socket _ssl ssl socketserver asyncio _asyncio http urllib.request urllib.robotparser xmlrpc wsgiref"
    " ftplib imaplib poplib smtplib smtpd telnetlib nntplib asyncore asynchat webbrowser mailbox mailcap cgi cgitb",
    "foreign code and processes": "ctypes _ctypes multiprocessing _multiprocessing concurrent _posixshmem pty",
    "databases and compression": "sqlite3 _sqlite3 dbm _dbm _gdbm shelve bz2 _bz2 lzma _lzma compression.bz2 compression.lzma compression.zstd _zstd",
    "OpenSSL, whose digests the interpreter has as well": "_hashlib",
    "sound, old services": "aifc audioop chunk crypt _crypt nis nntplib ossaudiodev pipes sndhdr spwd sunau uu wave xdrlib",
    "East Asian legacy encodings": "_codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _multibytecodec",
}
"""Why → modules of the standard library that the image goes without."""
_NAMES = {name.replace(".", "/") for names in LEFT_OUT.values() for name in names.split()}
_NEVER = re.compile(r"(^|/)(__pycache__|config-[^/]*|_test[^/]*|xx[^/]*|_xx[^/]*|LICENSE\.txt|[^/]*\.(exe|a|whl))(/|$)")
_LIBRARY_LINE = re.compile(r"(?:=> )?(/\S+) \(0x")


def wanted(path: str) -> bool:
    """Whether a file of the standard library, named from its root, is used."""
    module = re.sub(r"\.(py|cpython-[^/]*\.so|abi3\.so|so)$", "", path.removeprefix("lib-dynload/"))
    parts = module.split("/")
    return not _NEVER.search(path) and not any(
        "/".join(parts[:length]) in _NAMES for length in range(1, len(parts) + 1)
    )


def install(source: pathlib.Path, target: pathlib.Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)


def standard_library(out: pathlib.Path) -> list[pathlib.Path]:
    """Copy what is used, as byte code only. Returns the originals of the extension modules."""
    source = pathlib.Path(os.__file__).resolve().parent
    files = [
        path for path in sorted(source.rglob("*")) if path.is_file() and wanted(path.relative_to(source).as_posix())
    ]
    root = out / LIBRARY
    for path in files:
        install(path, root / path.relative_to(source))
    compile_tree(out, root, beside=False)
    for path in sorted(root.rglob("*.py")):
        path.unlink()
    return [path for path in files if path.suffix == ".so"]


def application(out: pathlib.Path, wheels: pathlib.Path, lock: pathlib.Path) -> None:
    """Install the locked packages and krm-fn; sources stay beside the byte code, for readable tracebacks."""
    (pip,) = wheels.glob("pip-*.whl")
    (ours,) = wheels.glob("krm_fn-*.whl")
    command = [
        sys.executable,
        f"{pip}/pip",
        "--isolated",
        "--quiet",
        "install",
        "--no-index",
        "--no-cache-dir",
        "--no-compile",
        "--no-deps",
    ]
    command += ["--root-user-action", "ignore", "--disable-pip-version-check", "--target", str(out / APPLICATION)]
    subprocess.run(
        [*command, "--find-links", str(wheels), "--only-binary", ":all:", "--require-hashes", "-r", str(lock)],
        check=True,
    )
    subprocess.run([*command, str(ours)], check=True)
    for unused in ("bin", "argcomplete/scripts", "share"):  # of packages, for people's shells, and the man page
        shutil.rmtree(out / APPLICATION / unused, ignore_errors=True)
    for record in (out / APPLICATION).glob("*.dist-info/direct_url.json"):
        record.unlink()
    compile_tree(out, out / APPLICATION, beside=True)
    here = pathlib.Path(__file__).parent
    for name, program in {"krm-fn": LAUNCHER, "krm-fn-copy": (here / "copy.py").read_text()}.items():
        path = out / "usr/bin" / name
        path.write_text(program)
        path.chmod(0o755)


def compile_tree(out: pathlib.Path, root: pathlib.Path, *, beside: bool) -> None:
    """Compile to byte code that no run checks or writes; `beside` keeps it in __pycache__, else it replaces the source."""
    done = compileall.compile_dir(
        str(root),
        maxlevels=99,
        quiet=1,
        legacy=not beside,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        stripdir=str(out),
        prependdir="/",
    )
    if not done:
        sys.exit(f"{root}: not everything compiles")


def interpreter(out: pathlib.Path, extensions: list[pathlib.Path]) -> list[pathlib.Path]:
    """Copy the interpreter, its loader and every shared library that it or an extension needs. Returns the originals."""
    executable = pathlib.Path(sys.executable).resolve()
    install(executable, out / "usr/bin" / executable.name)
    (out / "usr/bin/python3").symlink_to(executable.name)
    found = re.search(rb"/lib[^\0]*/ld-[^\0]+\.so\.\d+", executable.read_bytes())
    if not found:
        sys.exit(f"{executable}: no dynamic loader; a base image with a statically linked Python is not supported")
    loader = found.group().decode()
    own = (out / APPLICATION).rglob("*.so")
    needed = {library for file in (executable, *extensions, *own) for library in libraries(loader, file)} - {loader}
    # The loader's own directory for its C library is searched without a cache or a configuration.
    system = next(pathlib.Path(library).parent for library in needed if "/libc.so" in library)
    install(pathlib.Path(loader), out / loader.lstrip("/"))
    for library in sorted(needed):
        install(pathlib.Path(library), out / str(system).lstrip("/") / pathlib.Path(library).name)
    return [executable, pathlib.Path(loader), *map(pathlib.Path, sorted(needed))]


def libraries(loader: str, file: pathlib.Path) -> list[str]:
    """The shared libraries that a program or an extension module loads."""
    listing = subprocess.run([loader, "--list", str(file)], check=True, capture_output=True, text=True).stdout
    if "not found" in listing:
        sys.exit(f"{file}: {listing}")
    return _LIBRARY_LINE.findall(listing)


def system_packages(out: pathlib.Path, files: list[pathlib.Path], root: pathlib.Path = pathlib.Path("/")) -> None:
    """Say which packages of the base (root) the files are from: their records for scanners, their copyright notices."""
    status = root / "var/lib/dpkg/status"
    if not status.is_file():
        return
    names = {str(path) for file in files for path in (file, file.resolve())}
    # packages list /lib/..., which is /usr/lib/... on a system of today, or the other way round
    names |= {name.removeprefix("/usr") for name in names} | {f"/usr{name}" for name in names}
    paragraphs = {
        match[1]: match[0] for match in re.finditer(r"^Package: (\S+)\n(?:.+\n?)*", status.read_text(), re.MULTILINE)
    }
    for listing in sorted((status.parent / "info").glob("*.list")):
        package = listing.stem.split(":")[0]
        if package not in paragraphs or names.isdisjoint(listing.read_text().splitlines()):
            continue
        record = out / "var/lib/dpkg/status.d" / package
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(paragraphs[package].strip() + "\n")
        notice = pathlib.Path("usr/share/doc", package, "copyright")
        if (root / notice).is_file():
            install(root / notice, out / notice)


def settle(out: pathlib.Path, epoch: int) -> None:
    """Give everything the same owner, modes that a build's umask can't change, and one time."""
    for folder, folders, files in os.walk(out, topdown=False):
        for name in (*folders, *files):
            path = pathlib.Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            os.utime(path, (epoch, epoch), follow_symlinks=False)
    os.utime(out, (epoch, epoch))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheels", type=pathlib.Path, required=True)
    parser.add_argument("--lock", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    out = options.out
    (out / "usr/bin").mkdir(parents=True)
    for name, content in ACCOUNTS.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    release = pathlib.Path("/etc/os-release")
    if release.is_file():
        install(release, out / "etc/os-release")
    extensions = standard_library(out)
    application(out, options.wheels, options.lock)
    originals = interpreter(out, extensions)
    system_packages(out, [*originals, *extensions, pathlib.Path(os.__file__)])
    settle(out, int(os.environ.get("SOURCE_DATE_EPOCH", "0")))


if __name__ == "__main__":
    main()
