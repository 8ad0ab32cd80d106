"""What a reload makes of each setting: whom a change reaches at once, or why it has to wait.

`docs/settings.md` shows the same.  A name that ends in `.*` stands for all settings below it.
"""

from collections.abc import Iterator, Mapping
from typing import Final

AT_ONCE: Final[Mapping[str, str]] = {
    "service.origin": "everybody; the realm made of it after a restart",
    "listen.tls": "everybody",
    "listen.http": "everybody",
    "listen.link": "everybody",
    "listen.proxy_from": "new connections",
    "tls.certificate": "new connections",
    "tls.key": "new connections",
    "tls.check_every": "everybody",
    "connections.per_address": "new connections",
    "connections.total": "new connections",
    "connections.silence": "new connections",
    "connections.handshake": "new connections; those by DTLS after a restart",
    "ucserver.registration_timeout": "new links",
    "ucserver.keep_alive": "new links",
    "ucserver.silence": "new links",
    "ucserver.write_stall": "everybody",
    "ucserver.loopback_may_skip_tls": "new links",
    "ucserver.links_per_customer": "new links",
    "ucserver.redirect": "new links",
    "ucserver.hide_unknown_ucsid": "new links",
    "ucserver.message_size": "new links",
    "ucclient.answer_timeout": "everybody",
    "ucclient.upgrade_timeout": "everybody",
    "ucclient.grace": "everybody",
    "ucclient.ping_every": "new connections",
    "ucclient.pings_missed": "new connections",
    "ucclient.message_size": "new connections",
    "ucclient.frames_per_second": "everybody",
    "ucclient.frame_burst": "everybody",
    "ucclient.queue_octets": "everybody",
    "ucclient.calls_per_session": "everybody",
    "ucclient.server_calls_per_session": "everybody",
    "ucclient.logins_per_customer": "everybody",
    "ucclient.retry_after": "everybody",
    "ucclient.body_size": "new connections",
    "ucclient.header_size": "new connections",
    "ucclient.idle_timeout": "new connections",
    "back_off.*": "everybody",
    "turn.udp": "everybody",
    "turn.tcp": "everybody",
    "turn.tls": "everybody",
    "turn.urls": "everybody",
    "turn.lifetime": "everybody",
    "turn.longest_lifetime": "everybody",
    "turn.mobility": "everybody",
    "turn.tcp_relay": "new relays",
    "turn.md5": "everybody",
    "turn.old_channels": "everybody",
    "turn.limits.allocations": "new relays",
    "turn.limits.allocations_per_customer": "new relays",
    "turn.limits.allocations_per_user": "new relays",
    "turn.limits.allocations_per_address": "new relays",
    "turn.limits.permissions": "everybody",
    "turn.limits.channels": "everybody",
    "turn.limits.new_peers_per_second": "everybody",
    "turn.limits.customer_octets_per_second": "everybody",
    "turn.limits.user_octets_per_second": "everybody",
    "turn.limits.address_octets_per_second": "everybody",
    "turn.limits.tcp_connections": "everybody",
    "turn.limits.wrong_passwords_per_minute": "everybody",
    "turn.limits.unauthenticated_per_second": "everybody",
    "turn.peers.*": "everybody",
    "push.endpoints_inside": "new connections",
    "push.limits.*": "everybody",
    "ice.*": "everybody",
    "drain.*": "everybody",
    "log.*": "everybody",
    "admin.socket": "everybody",
    "admin.http": "everybody",
    "admin.token_file": "everybody",
    "admin.customers_in_metrics": "everybody",
    "demo.web_root": "new connections",
    "demo.origin_from_request": "everybody",
    "assumptions.a15_one_shot_error_status": "everybody",
    "assumptions.a16_bad_session_status": "everybody",
    "assumptions.a22_close_codes": "everybody",
    "assumptions.a24_link_paths": "new connections",
    "assumptions.a28_turn_capability": "everybody",
    "assumptions.a38_guess_registration": "new links",
    "assumptions.a41_own_operations": "everybody",
}
"""Whom it reaches, by setting.  What exists already goes on by what it began with, where a change
is for `new` ones."""

NEEDS_RESTART: Final[Mapping[str, str]] = {
    "service.node": "lines and figures of one run belong to one node",
    "service.data": "its files are open",
    "turn.dtls": "calls hang on these sockets",
    "turn.realm": "every key in use is mixed with it",
    "turn.relay": "relays are open there",
    "turn.external": "clients and peers have been told of these addresses",
    "turn.ports": "relays are open there",
    "turn.alternate": "calls hang on these sockets",
    "turn.datapath": "the kernel's part is loaded while there are privileges, at start",
    "turn.interfaces": "the kernel's part is loaded while there are privileges, at start",
    "turn.limits.kernel_channels": "the kernel takes memory for all of them at start",
    "push.enabled": "the queue is opened at start",
    "push.queue": "the file is open",
    "push.key": "what waits is sealed with it",
    "push.authorities": "connections to providers stand",
    "push.hosts.*": "connections to providers stand",
    "store.path": "the file is open",
}
"""Why it waits for a restart, by setting."""


def whom(path: str) -> str | None:
    """Return whom a change of a setting reaches at once; None when it has to wait."""
    return _found(AT_ONCE, path)


def why_not(path: str) -> str | None:
    """Return why a change of a setting has to wait for a restart; None when it has not."""
    return _found(NEEDS_RESTART, path)


def entries(path: str) -> Iterator[str]:
    """Yield the entries that are about a setting; there is one."""
    for table in (AT_ONCE, NEEDS_RESTART):
        yield from (name for name in table if _is_about(name, path))


def _found(table: Mapping[str, str], path: str) -> str | None:
    return next((said for name, said in table.items() if _is_about(name, path)), None)


def _is_about(name: str, path: str) -> bool:
    return name == path or (name.endswith(".*") and path.startswith(name[:-1]))
