"""Host name, DNS settings and service account. KubeVirt reports most DNS settings by a bare word instead of a path."""

from __future__ import annotations

from krm_fn.core.manifest import mapping, text
from krm_fn.kubevirt.defaulted import entries
from krm_fn.kubevirt.facts import is_dns_label, is_dns_subdomain
from krm_fn.validate.admission.formats import is_ip_address
from krm_fn.validate.admission.machine import has
from krm_fn.validate.admission.rule import VMI_ADMITTER, Rule, T, text_rule, when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from krm_fn.validate.admission.machine import Machine
    from krm_fn.validate.admission.rule import Check, Found

_DNS = f"{VMI_ADMITTER}: validatePodDNSConfig"
_ACCOUNT = f"{VMI_ADMITTER}: service account name"
_MOST_SERVERS, _MOST_SEARCHES, _LONGEST_SEARCH = 3, 6, 256


def _texts(template: Any, key: str) -> list[str]:
    return [entry for entry in entries(mapping(template, "dnsConfig"), key) if isinstance(entry, str)]


def _each(key: str, wrong: Callable[[str], bool]) -> Check:
    return lambda _machine, template, _index: [(None, entry) for entry in _texts(template, key) if wrong(entry)][:1]


def _no_servers(_machine: Machine, template: Any) -> bool:
    return text(template, "dnsPolicy") == "None" and has(template, "dnsConfig") and not _texts(template, "nameservers")


def _other_account(machine: Machine, template: Any, _index: Any) -> Iterable[Found]:
    name = text(template, "serviceAccountName")
    accounts = [
        text(volume["serviceAccount"], "serviceAccountName")
        for volume in machine.volumes
        if has(volume, "serviceAccount")
    ]
    other = next((account for account in accounts if account != name), None)
    return ((None, name, {"other": other[:80]}),) if name and other is not None else ()


def _dns_rule(name: str, field: str, check: Check, message: str, explanation: str, **more: Any) -> Rule:
    return Rule(f"dns-{name}", "template", "dnsConfig", field, check, message, explanation, _DNS, **more)


RULES = (
    text_rule(
        "hostname",
        "template",
        "hostname",
        f"{T}.hostname",
        lambda name: name != "" and not is_dns_label(name),
        "hostname {current} is malformed: write lower case letters, digits and -, at most 63, without dots",
        "The host name is a DNS-1123 label; a domain goes into subdomain.",
        f"{VMI_ADMITTER}: validateHostNameNotConformingToDNSLabelRules",
    ),
    text_rule(
        "subdomain",
        "template",
        "subdomain",
        f"{T}.subdomain",
        lambda name: name != "" and not is_dns_subdomain(name),
        "subdomain {current} is malformed: write lower case letters, digits, dots and dashes",
        "The subdomain is a DNS-1123 subdomain.",
        f"{VMI_ADMITTER}: validateSubdomainDNSSubdomainRules",
    ),
    Rule(
        "dns-config-missing",
        "template",
        "dnsPolicy",
        f"{T}.dnsConfig",
        when(lambda _machine, template: text(template, "dnsPolicy") == "None" and not has(template, "dnsConfig")),
        "dnsPolicy None needs dnsConfig: write dnsConfig with nameservers",
        "With the policy None all DNS settings come from dnsConfig.",
        _DNS,
    ),
    _dns_rule(
        "nameserver-missing",
        "nameservers",
        when(_no_servers),
        "dnsPolicy None needs a name server: write at least one IP address in dnsConfig.nameservers",
        "With the policy None all DNS settings come from dnsConfig.",
    ),
    _dns_rule(
        "nameservers-many",
        "nameservers",
        when(lambda _machine, template: len(_texts(template, "nameservers")) > _MOST_SERVERS),
        f"dnsConfig has more than {_MOST_SERVERS} name servers: remove some",
        f"Guests ask at most {_MOST_SERVERS} name servers.",
        alone=True,
    ),
    _dns_rule(
        "nameserver",
        "nameservers",
        _each("nameservers", lambda entry: not is_ip_address(entry)),
        "name server {current} is not an IP address: write an address, not a name",
        "Name servers can't be found by name.",
        alone=True,
    ),
    _dns_rule(
        "searches-many",
        "searchDomains",
        when(lambda _machine, template: len(_texts(template, "searches")) > _MOST_SEARCHES),
        f"dnsConfig has more than {_MOST_SEARCHES} search domains: remove some",
        f"Guests search at most {_MOST_SEARCHES} domains.",
        alone=True,
    ),
    _dns_rule(
        "searches-long",
        "searchDomains",
        when(
            lambda _machine, template: (
                len(" ".join(_texts(template, "searches")).encode("utf-8", "surrogatepass")) > _LONGEST_SEARCH
            )
        ),
        f"the search domains are longer than {_LONGEST_SEARCH} characters together: remove some",
        f"The search list has at most {_LONGEST_SEARCH} characters, spaces included.",
        alone=True,
    ),
    _dns_rule(
        "search",
        "searchDomains",
        _each("searches", lambda entry: not is_dns_subdomain(entry)),
        "search domain {current} is malformed: write lower case letters, digits, dots and dashes",
        "A search domain is a DNS-1123 subdomain.",
        alone=True,
    ),
    _dns_rule(
        "option-name",
        "options",
        when(
            lambda _machine, template: any(
                isinstance(option, dict) and option.get("name") in (None, "")
                for option in entries(mapping(template, "dnsConfig"), "options")
            )
        ),
        "a DNS option has no name: write one, for example ndots",
        "A DNS option has a name, and may have a value.",
    ),
    text_rule(
        "service-account-name",
        "template",
        "serviceAccountName",
        f"{T}.serviceAccountName",
        lambda name: name != "" and not is_dns_subdomain(name),
        "serviceAccountName {current} is malformed: write lower case letters, digits, dots and dashes",
        "A ServiceAccount is an object with such a name.",
        _ACCOUNT,
        since="1.9",
    ),
    Rule(
        "service-account-differs",
        "template",
        "serviceAccountName",
        f"{T}.serviceAccountName",
        _other_account,
        'serviceAccountName {current} differs from "{other}" of the serviceAccount volume: use the same account',
        "The machine's pod runs as one service account.",
        _ACCOUNT,
        since="1.9",
    ),
)
