"""What Kubernetes accepts as names, labels and annotation keys.

Source: k8s.io/apimachinery pkg/util/validation/validation.go.
"""

from __future__ import annotations

import re

MAX_NAME = 253
MAX_LABEL = 63

_WRITE_NAME = 'use lower-case letters, digits, "-" and ".", with a letter or digit at both ends of each part'
_WRITE_VALUE = 'use letters, digits, "-", "_" and ".", with a letter or digit at both ends'
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?")


def name_problem(name: str) -> str:
    """What is wrong with an object's name, or ""."""
    if len(name) > MAX_NAME:
        return f"the name has {len(name)} characters: Kubernetes takes at most {MAX_NAME}"
    if not _SUBDOMAIN.fullmatch(name):
        return f'"{name}" is not a name that Kubernetes takes: {_WRITE_NAME}'
    return ""


def label_value_problem(value: str) -> str:
    """What is wrong with a label's value, or ""."""
    if len(value) > MAX_LABEL:
        return f"the label's value has {len(value)} characters: Kubernetes takes at most {MAX_LABEL}"
    if not _LABEL_VALUE.fullmatch(value):
        return f'"{value}" is not a label value: {_WRITE_VALUE}'
    return ""


def key_problem(key: str) -> str:
    """What is wrong with the key of a label or annotation, or ""."""
    prefix, slash, name = key.rpartition("/")
    if slash and (len(prefix) > MAX_NAME or not _SUBDOMAIN.fullmatch(prefix)):
        return f'"{key}" is not a key that Kubernetes takes: what stands before the "/" must be a DNS name'
    if not name or len(name) > MAX_LABEL or not _LABEL_VALUE.fullmatch(name):
        return f'"{key}" is not a key that Kubernetes takes: for at most {MAX_LABEL} characters {_WRITE_VALUE}'
    return ""
