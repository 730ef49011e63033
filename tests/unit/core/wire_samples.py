"""Seeded random text and documents for the tests of the wire format."""

from __future__ import annotations

from krm_fn.core import wire

_PRINTED = r"""
yes no on off y n Y N NO oN True FALSE nULL ~ null = << --- ... - ? : -- -a --a .e1 _1 1__0 + -0 +12 00 08
0777 0x1F 0o17 0o18 0b101 0x 0xg 1_000 1:30 190:20:30.15 1:99 2001-01-01 2001-1-1 1e3 1e 10e 1E 1.5 .5 1. +.5
5.e1 .inf -.INF +.Inf .nan .NaN ._1 12:30:45 2001-12-14t21:59:43.10-05:00 10.0.0.1 1.2.3 2Gi 100m
7e91234 -1e400 1e-400 0x4Bd91c27a05E6F8830D1b2C94e7fA6635081CdE2 0X1F -0b1 0B1 +0o7 1_0e3 0400 099
02:00:00:aa:bb:cc !a &a *a %a @a `a | a| >- [a] {a} a,b a] 'a' "a" #a a#b a: a:b http://a/b \ \n {{x}} é 😀
"""
_SPACED = ("", " ", "a ", " a", "a: b", "a #b", "- a", "1 2", "2001-01-01 00:00:00", "it's", 'say "x"', "a b " * 40)
_LINES = ("a\nb", "a\n", "\na", " a\nb", "a\n\n", "a\n ", "a\n \nb", "\ta\nb", "a\tb", "a\n\tb", "\n", "\r", "a\r\nb")
_UNPRINTED = ("\x00", "\x7f", "\x85", "\u00a0", "\u2028", "\ufeff", "\x1b[0m")
_LONG = ("x" * 200, "k" * 1100, "#!/bin/sh\necho 'a: b'\n\n# end\n")
WORDS = (*_PRINTED.split(), *_SPACED, *_LINES, *_UNPRINTED, *_LONG)
_CHARACTERS = "ab1 0:-#'\"\\|>{}[],&*!%@`?~=.\n\té\u00a0\u2028\x85\ufeff\x7f\x00\r😀e+_x/<"


def text(random) -> str:
    if random.random() < 0.6:
        return random.choice(WORDS)
    return "".join(random.choice(_CHARACTERS) for _ in range(random.randint(0, 6)))


def value(random, depth: int = 0):
    kind = random.random()
    if depth > 4 or kind < 0.6:
        small, large = random.randint(0, 99), random.randint(-(10**30), 10**30)
        numbers = (small, large, random.random() * 10 ** random.randint(-20, 20))
        return random.choice(
            (text(random), text(random), text(random), *numbers, True, False, None, wire.Float("1.10"))
        )
    if kind < 0.8:
        return {text(random): value(random, depth + 1) for _ in range(random.randint(0, 4))}
    return [value(random, depth + 1) for _ in range(random.randint(0, 4))]


def documents(random) -> list:
    return [value(random) for _ in range(random.randint(1, 3))]


def same(left, right) -> bool:
    """Equal in value, type, order of keys and text of floats."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return repr(left) == repr(right)


# Pieces and lines from which text on the border of YAML is put together.
PIECES = (
    *(
        "a",
        "b",
        "key",
        "- ",
        "- ",
        "-",
        ": ",
        ":",
        " ",
        "  ",
        "\n",
        "\n",
        "\n  ",
        "\n  ",
        "\n    ",
        "\n- ",
        "\n  - ",
        "#",
        " # c",
    ),
    *(
        "'",
        '"',
        "''",
        "|",
        "|-",
        "|+",
        ">",
        "{}",
        "[]",
        "  {a: 1}",
        "    [x, {}]",
        "a: {b: c,",
        "    d: [e,",
        "  f: g}",
        "  h]",
        "  h]}",
        "- [a,",
        "  b] # c",
        "u: {v: w:x, y: http://z:1/}",
        "{",
        "}",
        "[",
        "]",
        ",",
        ", ",
        "? ",
        "&x",
        "*x",
        "!t",
        "!",
        "%",
        "@",
        "`",
        "~",
    ),
    *(
        "null",
        "yes",
        "1",
        "01",
        "1.5",
        ".5",
        "0x1F",
        "1:30",
        "\t",
        "---",
        "---\n",
        "...",
        "\n...\n",
        "\n---\n",
        "<<",
        "=",
        "é",
    ),
    *(
        "\u00a0",
        "\u2028",
        "\x85",
        "\ufeff",
        "\\n",
        "\\",
        '\\"',
        "k:\n  ",
        "a: |\n  x\n",
        "- |\n  y\n",
        "- k: v\n",
        "\n\n",
        "\r\n",
        "\r",
    ),
    *(
        "x: 'it''s'\n",
        'y: "a\\nb"\n',
        "z: {a: 1, b: [x, 'y']}\n",
        "null: x\n",
        "&a [1]",
        "1e3",
        "-1",
        "-a",
        "-.inf",
        " :",
        " : ",
        "::",
    ),
)
LINES = (
    *(
        "a: b",
        "a:",
        "b:",
        "  c: d",
        "  c:",
        "- x",
        "  - x",
        "- a: b",
        "  b: c",
        "- a:",
        "    - z",
        "  - k: v",
        "    k2: v",
        "# c",
    ),
    *(
        "  # c",
        "",
        "   ",
        "k: |",
        "k: |-",
        "k: |+",
        "  text",
        "   more",
        "  # text",
        "- |",
        "- k: |",
        "    deep",
        "---",
        "'q': x",
    ),
    *(
        '"q": y',
        "  'q': {}",
        "e: {}",
        "l: []",
        "l: [a, 1, {x: y}]",
        '  x: "a: b" # c',
        "n: 1",
        "o: 0o17",
        "p: 1_0",
        "-",
        "- - x",
    ),
    *(
        "c: d # e",
        "d: 'x' #y",
        "f: x#y",
        "g: http://a:80/b",
        "h: a:",
        "i: - b",
        "j: [",
        "k: a]",
        "  \ttab",
        "\tx",
        "m: \tz",
        "{}",
    ),
    *(
        "[]",
        "x",
        "'x'",
        "...",
        "%YAML 1.2",
        "? a",
        ": b",
        "<<: {a: 1}",
        "1: a",
        "null: a",
        "'': a",
        "a b: c d",
        "a  :  b",
        "k:  v  ",
    ),
    *(
        "  k2:   # c",
        "- # c",
        "-  a",
        "-   k: v",
        "    k3: w",
        r'  e: "a\"b\\n\t"',
        r'  f: "\x41"',
        "  g: {}  # c",
        "  h: [a,b]",
    ),
)
MANIFEST = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  annotations:
    config.kubernetes.io/index: '7'
  labels: {app.kubernetes.io/name: db, "tier": 'back'}
  name: vm-7
spec:
  running: true
  template:
    spec:
      domain:
        cpu: {cores: 2}
        devices:
          disks:
          - disk: {}
            name: root  # the first
          - disk:
              bus: virtio
            name: cloudinit
      networks:
      - name: default
        pod: {}
      volumes:
      - cloudInitNoCloud:
          userData: |
            #cloud-config
            password: "a\\tb"

            hostname: vm-7
        name: cloudinit
"""


def flow(random, depth: int = 0) -> str:
    """A flow collection, wrapped here and there."""
    kind = random.random()
    if depth > 3 or (depth and kind < 0.5):
        return random.choice(("a", "b c", "1", "'x, y'", '"z: {"', "x:y", "-1", "a-b", "{}", "[]", "http://q/r:1", "é"))
    parts = [flow(random, depth + 1) for _ in range(random.randint(0, 3))]
    if kind < 0.75:
        parts = [random.choice("abcdefgh:-") + random.choice(("", ".x", " y")) + ": " + part for part in parts]
    inner = "".join(part + random.choice((", ", ", ", ",", ",\n  ", " ,\n   ")) for part in parts[:-1]) + "".join(
        parts[-1:]
    )
    pad = random.choice(("", " "))
    return f"{{{pad}{inner}{pad}}}" if kind < 0.75 else f"[{pad}{inner}{pad}]"


def border(random) -> str:
    """Text that may be YAML: flow collections, pieces, lines, or a manifest with a few changes."""
    kind = random.random()
    if kind < 0.1:
        return (
            random.choice(("k: ", "- ", "", "a:\n  ", "- k: "))
            + flow(random)
            + random.choice(("", "\n", "\nz: 1\n", " # c\n"))
        )
    if kind < 0.35:
        return "".join(random.choice(PIECES) for _ in range(random.randint(1, 12)))
    if kind < 0.8:
        return "\n".join(random.choice(LINES) for _ in range(random.randint(1, 8))) + random.choice(("", "\n", "\n\n"))
    characters = list(MANIFEST)
    for _ in range(random.randint(0, 3)):
        at = random.randrange(len(characters))
        characters[at : at + random.randint(0, 1)] = random.choice(PIECES)
    return "".join(characters)
