"""Whether customers' servers are linked, and if not, why: each refusal has its reason code."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from procall_mobility.diagnosis.findings import Finding, ok, warning, wrong
from procall_mobility.gateway.reasons import Reason
from procall_mobility.operations.admin_answer import Answer

LINKS = "links"

CURES: Final[Mapping[Reason, str]] = {
    Reason.UNKNOWN_SERVER_ID: "Compare the UCSID on the server with `procall-mobility customer"
    " list`; it is the UCSID itself, no alias.",
    Reason.WRONG_PASSWORD: "Enter the password on the server again; `procall-mobility customer"
    " rotate-password UCSID` makes a new one.",
    Reason.CUSTOMER_DISABLED: "`procall-mobility customer enable UCSID` lets it in again.",
    Reason.VERSION: "Update the customer's server, or procall-mobility.",
    Reason.DUPLICATE: "Two servers use one UCSID: give each a UCSID of its own, or raise"
    " ucserver.links_per_customer where they belong together.",
    Reason.TOO_MANY_ATTEMPTS: "Cure what it was refused for before, and wait as long as"
    " [back_off.server] says.",
    Reason.NODE_BUSY: "It tries again by itself; if it stays so, look for a flood of log-ons in"
    " the access book.",
    Reason.REDIRECTED: "ucserver.redirect sends servers to another node: look there.",
    Reason.STARTTLS_REQUIRED: "Switch TLS on at the server; this listener takes nobody without.",
    Reason.TLS_FAILED: "A firewall or proxy at the customer's opens TLS (TLS inspection), or the"
    " server does not know our certificate's authority: have this host left alone, and look at"
    " the chain.",
    Reason.FRAMING: "Something else than a server or client calls, or a proxy in between changes"
    " what is said: have it pass TCP on as it comes.",
    Reason.BAD_PROXY_HEADER: "The load balancer has to send PROXY protocol version 2"
    " (`send-proxy-v2` in haproxy), or is not to be named in listen.proxy_from.",
    Reason.NOT_REGISTERED: "What calls there is no UCServer, or a very old one.",
    Reason.REGISTRATION_TIMEOUT: "The server opened a connection and did not register: a proxy at"
    " the customer's holds its data back, or the line is very slow.",
    Reason.PING_TIMEOUT: "The line broke without a word: firewalls that forget quiet connections"
    " do that; lower ucserver.keep_alive.",
    Reason.PROTOCOL_ERROR: "Look at the service log, and whether a proxy in between changes what"
    " is said.",
    Reason.MESSAGE_TOO_BIG: "Raise ucserver.message_size.",
    Reason.SLOW_SERVER: "The server or its line is overloaded: see to it there.",
    Reason.SILENT: "Something opens connections and says nothing: a monitoring, or a proxy that"
    " holds data back.",
    Reason.TOO_MANY_CONNECTIONS: "Raise connections.per_address, if so many come from there.",
}
"""What an operator does about a refusal or a loss."""

LOOK_THERE: Final = "See whether the customer's server runs and can call here: its own log says."

OF_STRANGERS: Final = frozenset(
    {
        Reason.UNKNOWN_SERVER_ID,
        Reason.TLS_FAILED,
        Reason.FRAMING,
        Reason.BAD_PROXY_HEADER,
        Reason.STARTTLS_REQUIRED,
        Reason.TOO_MANY_ATTEMPTS,
        Reason.VERSION,
        Reason.NODE_BUSY,
        Reason.REGISTRATION_TIMEOUT,
    }
)
"""What may have kept a server away before it could say whose it is."""


@frozen(kw_only=True)
class Trouble:
    """The last refusal or loss of somebody."""

    reason: Reason
    seconds: float
    """How long ago."""
    client: str | None
    """From which address."""


@frozen(kw_only=True)
class CustomerFacts:
    """A customer, and how its links are."""

    ucsid: str
    enabled: bool
    links: int
    trouble: Trouble | None


def troubles(told: Answer) -> Iterator[tuple[str | None, Trouble]]:
    """Read what the daemon says of refusals, by customer; what it calls otherwise is left out."""
    for each in told:
        seconds = each["seconds"].number
        try:
            reason = Reason.of(each["reason"].text)
        except KeyError:
            continue
        if seconds is None:
            continue
        trouble = Trouble(reason=reason, seconds=seconds, client=each["client"].text or None)
        yield each["customer"].text or None, trouble


def judge_links(
    customers: Iterable[CustomerFacts], strangers: Iterable[Trouble]
) -> Iterator[Finding]:
    """Judge each customer; where one is not linked, strangers' troubles may be its own."""
    customers = [each for each in customers if each.enabled]
    strangers = list(strangers)
    for each in customers:
        if each.links:
            many = f"{each.links} links" if each.links > 1 else "a link"
            yield ok(LINKS, f"{each.ucsid} holds {many}.")
        else:
            yield _missing(each, strangers)
    if not customers:
        yield ok(LINKS, "There is no customer yet; `procall-mobility customer add` makes one.")
    if all(each.links for each in customers):
        return
    for trouble in strangers:
        if trouble.reason in OF_STRANGERS:
            yield warning(
                LINKS,
                f"stranger-{trouble.reason.value}",
                f"Somebody at {trouble.client or 'an unknown address'} was refused"
                f" {_ago(trouble.seconds)} ago, and may be a customer's server:"
                f" {trouble.reason.text}.",
                CURES.get(trouble.reason, LOOK_THERE),
            )


def _missing(customer: CustomerFacts, strangers: Sequence[Trouble]) -> Finding:
    trouble = customer.trouble
    if trouble is None:
        return warning(
            LINKS,
            "link-down",
            f"{customer.ucsid} holds no link, and has not tried since the daemon was started.",
            LOOK_THERE,
        )
    where = f" from {trouble.client}" if trouble.client else ""
    what = (
        f"{customer.ucsid} holds no link; its last one{where} failed {_ago(trouble.seconds)} ago:"
        f" {trouble.reason.text}."
    )
    since = _since(trouble, strangers)
    if since is not None:
        what += (
            f" From there somebody was refused {_ago(since.seconds)} ago who did not come so far"
            f" as to say who it is: {since.reason.text}."
        )
        trouble = since
    cure = CURES.get(trouble.reason, LOOK_THERE).replace("UCSID`", f"{customer.ucsid}`")
    return wrong(LINKS, f"link-{trouble.reason.value}", what, cure)


def _since(trouble: Trouble, strangers: Sequence[Trouble]) -> Trouble | None:
    """Return what has become of a stranger from the same address since then: the same server."""
    found = [
        each
        for each in strangers
        if each.reason in OF_STRANGERS
        and each.client == trouble.client is not None
        and each.seconds < trouble.seconds
    ]
    return min(found, key=lambda each: each.seconds, default=None)


def _ago(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
