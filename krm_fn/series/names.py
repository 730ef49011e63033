"""What Kubernetes accepts as names, labels and annotation keys.

Source: k8s.io/apimachinery pkg/util/validation/validation.go.
"""

from __future__ import annotations

from krm_fn.kubevirt.facts import LABEL_LENGTH, SUBDOMAIN_LENGTH, is_dns_subdomain, is_label_value

_WRITE_NAME = 'use lower-case letters, digits, "-" and ".", with a letter or digit at both ends of each part'
_WRITE_VALUE = 'use letters, digits, "-", "_" and ".", with a letter or digit at both ends'


def name_problem(name: str) -> str:
    """What is wrong with an object's name, or ""."""
    if len(name) > SUBDOMAIN_LENGTH:
        return f"the name has {len(name)} characters: Kubernetes takes at most {SUBDOMAIN_LENGTH}"
    if not is_dns_subdomain(name):
        return f'"{name}" is not a name that Kubernetes takes: {_WRITE_NAME}'
    return ""


def label_value_problem(value: str) -> str:
    """What is wrong with a label's value, or ""."""
    if len(value) > LABEL_LENGTH:
        return f"the label's value has {len(value)} characters: Kubernetes takes at most {LABEL_LENGTH}"
    if not is_label_value(value):
        return f'"{value}" is not a label value: {_WRITE_VALUE}'
    return ""


def key_problem(key: str) -> str:
    """What is wrong with the key of a label or annotation, or ""."""
    prefix, slash, name = key.rpartition("/")
    if slash and not is_dns_subdomain(prefix):
        return f'"{key}" is not a key that Kubernetes takes: what stands before the "/" must be a DNS name'
    if not name or not is_label_value(name):
        return f'"{key}" is not a key that Kubernetes takes: for at most {LABEL_LENGTH} characters {_WRITE_VALUE}'
    return ""
