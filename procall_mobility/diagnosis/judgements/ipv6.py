"""Whether the machine has IPv6 where the settings name it."""

from collections.abc import Iterator

from attrs import frozen

from procall_mobility.diagnosis.findings import Finding, ok, warning, wrong

IPV6 = "ipv6"


@frozen(kw_only=True)
class Ipv6Facts:
    """IPv6 in the settings and on the machine."""

    named: tuple[str, ...]
    """Settings that name it."""
    names_addresses: bool
    """Whether they name an address of this machine, not only the wildcard."""
    has_sockets: bool
    has_addresses: bool


def judge_ipv6(facts: Ipv6Facts) -> Iterator[Finding]:
    """Judge whether IPv6 is there where the settings name it."""
    named = ", ".join(facts.named)
    if not facts.named:
        yield ok(IPV6, "The settings name no IPv6 address.")
    elif not facts.has_sockets:
        yield wrong(
            IPV6,
            "no-ipv6",
            f"{named} name IPv6, which this machine does not have: the daemon does not start.",
            "Boot without ipv6.disable=1, or take the addresses in brackets out of the settings.",
        )
    elif not facts.has_addresses:
        judge = wrong if facts.names_addresses else warning
        yield judge(
            IPV6,
            "no-ipv6",
            f"{named} name IPv6, and this machine has no IPv6 address, not even ::1:"
            + (" the daemon does not start." if facts.names_addresses else " nobody comes by it."),
            "Switch it on: `sysctl net.ipv6.conf.all.disable_ipv6=0`; or take the addresses in"
            " brackets out of the settings.",
        )
    else:
        yield ok(IPV6, "This machine has IPv6, which the settings name.")
