"""Kinds of broken settings: what the file says, and every error that must be told of it."""

from collections.abc import Callable

from attrs import frozen

from tests.interop.reload.house import House

Told = tuple[str, ...]
"""Of each error a part of what is told."""

Broken = Callable[[House], "Wrong"]


@frozen
class Wrong:
    """What the settings file says, and what is wrong with it."""

    text: str | bytes | None
    errors: Told


def no_toml(house: House) -> Wrong:
    return Wrong(house.says() + "turn.md5 =\n", ("line 22: not TOML: Invalid value",))


def no_text(house: House) -> Wrong:
    return Wrong(house.says().encode() + b"# \xff\n", ("not UTF-8",))


def no_file(house: House) -> Wrong:
    return Wrong(None, ("settings.toml: No such file or directory",))


def a_setting_that_is_none(house: House) -> Wrong:
    told = 'line 23: ucclient.grase: no such setting; did you mean "grace"?'
    return _with(house, (told,), ucclient__grase="10")


def a_section_that_is_none(house: House) -> Wrong:
    return _with(house, ("turns: no such setting",), turns__md5="true")


def a_setting_twice(house: House) -> Wrong:
    return Wrong(house.says() + 'turn.udp = ["127.0.0.1:1"]\n', ("Cannot overwrite a value",))


def another_kind_of_value(house: House) -> Wrong:
    return _with(house, ("line 23: turn.md5: expected true or false",), turn__md5='"yes"')


def a_number_out_of_bounds(house: House) -> Wrong:
    return _with(house, ("ucclient.pings_missed: expected",), ucclient__pings_missed="0")


def an_address_without_a_port(house: House) -> Wrong:
    return _with(house, ('listen.tls[0]: expected "host:port"',), listen__tls='["127.0.0.1"]')


def several_things_at_once(house: House) -> Wrong:
    return _with(
        house,
        ("listen.http[1]: expected", "log.level: expected", "turn.lifetime: expected"),
        listen__http=f'["127.0.0.1:{house.town.daemons.http}", "localhost"]',
        log__level='"loud"',
        turn__lifetime="7",
    )


def what_contradicts_itself(house: House) -> Wrong:
    told = ("ucserver.silence: must be longer than ucserver.keep_alive",)
    return _with(house, told, ucserver__silence="10")


def nothing_to_tell_clients(house: House) -> Wrong:
    return _with(house, ("service.origin: needed",), demo__origin_from_request="false")


def nothing_to_listen_on(house: House) -> Wrong:
    told = ("listen: nothing would listen",)
    return _with(house, told, listen__tls="[]", listen__http="[]", listen__link="[]")


def a_certificate_that_is_not_there(house: House) -> Wrong:
    told = (f"tls.certificate: {house.folder}/none.pem: missing",)
    return _with(house, told, tls__certificate=f'"{house.folder}/none.pem"')


def the_key_of_another_certificate(house: House) -> Wrong:
    key = house.certificate("stranger") / "key.pem"
    return _with(house, (f"tls.key: {key}: the key of another certificate",), tls__key=f'"{key}"')


def a_certificate_that_is_none(house: House) -> Wrong:
    file = house.file("no.pem", "hello")
    told = (f"tls.certificate: {file}: no certificate in PEM form",)
    return _with(house, told, tls__certificate=f'"{file}"')


def a_key_that_others_may_read(house: House) -> Wrong:
    key = house.certificate("open") / "key.pem"
    key.chmod(0o644)
    return _with(house, (f"tls.key: {key} is open to others",), tls__key=f'"{key}"')


def a_port_that_is_taken(house: House) -> Wrong:
    """By somebody else; a port that was opened before in the same reload is closed again."""
    free, taken = house.spare[4], _taken(house)
    told = (f"listen.tls: cannot listen for tls 127.0.0.1:{taken}: the port is taken",)
    usual = house.town.daemons
    return _with(
        house,
        told,
        listen__http=f'["127.0.0.1:{usual.http}", "127.0.0.1:{free}"]',
        listen__tls=f'["127.0.0.1:{usual.tls}", "127.0.0.1:{taken}"]',
    )


def an_address_of_another_machine(house: House) -> Wrong:
    told = ("listen.link: cannot listen for link 192.0.2.1", "turn.tcp: cannot listen")
    return _with(house, told, listen__link='["192.0.2.1:7322"]', turn__tcp='["192.0.2.1:3478"]')


def a_log_in_a_folder_that_is_not_there(house: House) -> Wrong:
    told = ("log.access: /nowhere/access.log: No such file or directory",)
    return _with(house, told, log__access='"/nowhere/access.log"')


def a_token_that_is_too_short(house: House) -> Wrong:
    return _with(
        house,
        ("admin.token_file: ",),
        admin__http=f'["127.0.0.1:{house.spare[5]}"]',
        admin__token_file=f'"{house.file("short", "short")}"',
    )


def a_secret_that_is_not_there(house: House) -> Wrong:
    server = f'{{ urls = ["turn:t.example.net"], secret_file = "{house.folder}/none" }}'
    told = ("ice.servers[0].secret_file: ",)
    return _with(house, told, ice__servers=f"[{server}]")


def a_fault_in_every_part(house: House) -> Wrong:
    """All of them are told at once."""
    server = f'{{ urls = ["turn:t.example.net"], secret_file = "{house.folder}/none" }}'
    return _with(
        house,
        ("log.access: ", "ice.servers[0].secret_file: ", "tls.certificate: ", "listen.http: "),
        log__access='"/nowhere/access.log"',
        ice__servers=f"[{server}]",
        tls__certificate=f'"{house.folder}/none.pem"',
        listen__http=f'["127.0.0.1:{_taken(house)}"]',
    )


BROKEN: tuple[Broken, ...] = (
    no_toml,
    no_text,
    no_file,
    a_setting_that_is_none,
    a_section_that_is_none,
    a_setting_twice,
    another_kind_of_value,
    a_number_out_of_bounds,
    an_address_without_a_port,
    several_things_at_once,
    what_contradicts_itself,
    nothing_to_tell_clients,
    nothing_to_listen_on,
    a_certificate_that_is_not_there,
    the_key_of_another_certificate,
    a_certificate_that_is_none,
    a_key_that_others_may_read,
    a_port_that_is_taken,
    an_address_of_another_machine,
    a_log_in_a_folder_that_is_not_there,
    a_token_that_is_too_short,
    a_secret_that_is_not_there,
    a_fault_in_every_part,
)


def _with(house: House, errors: Told, **changes: str) -> Wrong:
    """Return settings with these changes, and one that is no error and must not be taken over."""
    return Wrong(house.says(ucclient__body_size="1000", **changes), errors)


def _taken(house: House) -> int:
    """Return a port somebody else listens on: one of the simulators' of providers."""
    return int(house.town.providers.facts["apns"]["production"].rpartition(":")[2])
