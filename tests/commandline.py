"""One command as the command line runs it, without a process of its own."""

from __future__ import annotations

import argparse


def run(command, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(arguments))
