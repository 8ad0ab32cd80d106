"""One TOML file becomes settings, or all its errors at once, each with path, line and cure."""

import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from procall_mobility.config import SettingError, Settings, SettingsError, load, parse

ORIGIN = '[service]\norigin = "https://mobility.example.net"\n'


def errors_of(source: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        parse(source)
    return [str(error) for error in caught.value.errors]


def test_a_file_needs_no_more_than_the_origin() -> None:
    told = parse(ORIGIN)
    assert told.service.origin == "https://mobility.example.net"
    assert told.listen.tls == (("0.0.0.0", 443), ("::", 443))
    assert told.assumptions.a15_one_shot_error_status == 400


def test_what_is_set_is_read() -> None:
    told = parse(
        ORIGIN
        + """
[listen]
tls = ["127.0.0.1:8443", "[::1]:8443"]
http = ["localhost:8080"]
proxy_from = ["10.0.0.0/8", "192.0.2.7"]
[ucclient]
grace = 2.5
[back_off.user]
free = 3
[[ice.servers]]
urls = ["stun:stun.example.net"]
[[ice.servers]]
urls = ["turn:turn.example.net:3478?transport=udp"]
secret_file = "/nowhere/secret"
[assumptions]
a22_close_codes = { "1012" = 4012 }
"""
    )
    assert told.listen.tls == (("127.0.0.1", 8443), ("::1", 8443))
    assert told.listen.http == (("127.0.0.1", 8080),), "sockets are bound to addresses"
    assert told.listen.proxy_from == ("10.0.0.0/8", "192.0.2.7/32")
    assert told.ucclient.grace == 2.5
    assert told.back_off.user.free == 3
    assert told.back_off.client.free == 5
    assert [server.secret_file for server in told.ice.servers] == ["", "/nowhere/secret"]
    assert told.assumptions.a22_close_codes == {1012: 4012}


def test_all_errors_come_at_once_with_path_line_and_cure() -> None:
    source = """\
[service]
node = "a b"
[listen]
tls = ["443", "[::]:443", "0.0.0.0:70000"]
[ucserver]
keep_alive = "often"
surprise = 1
"""
    assert errors_of(source) == [
        'line 2: service.node: expected a text like "node1"',
        'line 4: listen.tls[0]: expected "host:port", as in "0.0.0.0:443" or "[::]:443"',
        'line 4: listen.tls[2]: expected "host:port", as in "0.0.0.0:443" or "[::]:443"',
        "line 6: ucserver.keep_alive: expected seconds from 1 to 600",
        "line 7: ucserver.surprise: no such setting",
        'service.origin: needed: what clients are told, as in "https://mobility.example.net"',
    ]


def test_a_slip_of_the_pen_is_answered_with_the_right_name() -> None:
    assert errors_of(ORIGIN + "[ucclient]\ngrase = 1\n") == [
        'line 4: ucclient.grase: no such setting; did you mean "grace"?'
    ]
    assert errors_of(ORIGIN + "[ucclent]\ngrace = 1\n") == [
        'line 3: ucclent: no such setting; did you mean "ucclient"?'
    ]


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ("[connections]\ntotal = true", "connections.total: expected a whole number from"),
        ("[connections]\ntotal = 1.5", "connections.total: expected a whole number from"),
        ("[connections]\nsilence = nan", "connections.silence: expected seconds from 1 to 300"),
        ("[connections]\nsilence = true", "connections.silence: expected seconds from 1 to 300"),
        ("[listen]\ntls = [443]", "listen.tls[0]: expected"),
        ("[listen]\ntls = '0.0.0.0:443'", "listen.tls: expected a list"),
        ("[listen]\ntls = ['0.0.0.256:443']", "listen.tls[0]: expected"),
        ("[listen]\ntls = ['[::g]:443']", "listen.tls[0]: expected"),
        ("[listen]\ntls = ['[127.0.0.1]:443']", "listen.tls[0]: expected"),
        ("[listen]\nhttp = ['0.0.0.0:80']", "listen.http[0]: expected a loopback address"),
        ("[admin]\nhttp = ['0.0.0.0:81']", "admin.http[0]: expected a loopback address"),
        ("[listen]\nproxy_from = [5]", "listen.proxy_from[0]: expected a network"),
        ("[listen]\nproxy_from = ['10.0.0.1/8']", "listen.proxy_from[0]: expected a network"),
        ("[listen]\ntls = []", "listen: nothing would listen"),
        ("[tls]\nkey = 'key.pem'", "tls.key: expected an absolute path"),
        ("[tls]\nkey = ''", "tls.key: needed: the path of a PEM file"),
        ("[store]\npath = ''", "store.path: needed: an absolute path"),
        ("[ucserver]\nhide_unknown_ucsid = 1", "ucserver.hide_unknown_ucsid: expected true or"),
        ("[ucserver]\nredirect = ['x']", "ucserver.redirect[0]: expected a text like"),
        ("[ucserver]\nsilence = 20", "ucserver.silence: must be longer than ucserver.keep_alive"),
        ("[log]\naccess = 'file'", 'log.access: expected "journal", "stderr" or an absolute'),
        ("[log]\nformat = 'xml'", 'log.format: expected one of "text", "json"'),
        ("[log]\nformat = []", 'log.format: expected one of "text", "json"'),
        ("[ice]\nservers = 5", "ice.servers: expected tables, each headed [[ice.servers]]"),
        ("[ice]\nservers = [5]", "ice.servers[0]: expected a section"),
        ("[[ice.servers]]", "ice.servers[0].urls: needed: at least one address"),
        ("[[ice.servers]]\nurls = ['http:x']", "ice.servers[0].urls[0]: expected a text like"),
        (
            "[[ice.servers]]\nurls = ['turn:x']\nusername = 'x'",
            "ice.servers[0]: username and credential_file belong together",
        ),
        (
            "[[ice.servers]]\nurls = ['turn:x']\nsecret_file = '/x'\ncredential_file = '/y'",
            "ice.servers[0]: either secret_file or username, not both",
        ),
        (
            "[assumptions]\na22_close_codes = { x = 4000 }",
            "assumptions.a22_close_codes: expected close codes",
        ),
        (
            "[assumptions]\na22_close_codes = { 1012 = 'x' }",
            "assumptions.a22_close_codes: expected close codes",
        ),
        (
            "[assumptions]\na22_close_codes = 5",
            "assumptions.a22_close_codes: expected a table",
        ),
        ("[assumptions]\na24_link_paths = ['ws']", "assumptions.a24_link_paths[0]: expected"),
        ("[assumptions]\na28_turn_capability = 5", "assumptions.a28_turn_capability: expected a"),
    ],
)
def test_each_wrong_value_is_told_where_it_stands(lines: str, wrong: str) -> None:
    (only,) = errors_of(ORIGIN + lines)
    assert wrong in only


def test_a_section_that_is_no_section_is_told() -> None:
    assert "line 1: ucclient: expected a section" in errors_of("ucclient = 5\n" + ORIGIN)


def test_what_could_not_be_read_contradicts_nothing() -> None:
    """`keep_alive` has its default when it is wrong; `silence` is not blamed for that."""
    (only,) = errors_of(ORIGIN + "[ucserver]\nkeep_alive = 'x'\nsilence = 5\n")
    assert "keep_alive" in only
    (only,) = errors_of(ORIGIN + "[[ice.servers]]\nurls = 5\n")
    assert "ice.servers[0].urls: expected a list" in only


def test_a_name_that_is_no_bare_word_is_quoted() -> None:
    """A key can hold anything, a line break as well; an error stays one line."""
    (only,) = errors_of(ORIGIN + '"a\\nb" = 1\n')
    assert only == 'service."a\\nb": no such setting'


@pytest.mark.parametrize(
    "source",
    ["[service", "a = 1\na = 2", "x = 2026-13-45", "x = " + "9" * 5000, "x = " + "[" * 100_000],
)
def test_what_is_no_toml_is_an_error_without_a_path(source: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(source)
    (only,) = caught.value.errors
    assert only.path == ""
    assert only.text.startswith("not TOML: ")


def test_the_line_of_a_toml_error_is_told() -> None:
    with pytest.raises(SettingsError) as caught:
        parse("[service]\nnode = \n")
    assert caught.value.errors[0].line == 2


WORDS = st.sampled_from(
    ["service", "listen", "tls", "ucserver", "ice", "servers", "assumptions", "node", "urls",
     "a22_close_codes", "origin", "back_off", "client", "free", "silence", "keep_alive", "x"]
)  # fmt: skip
VALUES = st.recursive(
    st.sampled_from(["1", "-1", "nan", "1.5", "true", '""', '"x"', "2026-01-01", "12:00:00"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(WORDS, inner, max_size=3).map(
            lambda items: "{" + ", ".join(f"{k} = {v}" for k, v in items.items()) + "}"
        ),
    ),
    max_leaves=6,
)
LINES = st.one_of(
    st.builds("[{}]".format, WORDS),
    st.builds("[{}.{}]".format, WORDS, WORDS),
    st.builds("[[{}.{}]]".format, WORDS, WORDS),
    st.builds("{} = {}".format, WORDS, VALUES),
)
SOURCES = st.one_of(st.text(max_size=200), st.lists(LINES, max_size=10).map("\n".join))


@settings(max_examples=300, deadline=None)
@given(SOURCES)
@example("[listen]\ntls = [[]]")
def test_any_text_gives_settings_or_errors(source: str) -> None:
    try:
        assert isinstance(parse(source), Settings)
    except SettingsError as error:
        assert error.errors
        count = source.count("\n") + 1
        for each in error.errors:
            assert isinstance(each, SettingError)
            assert "\n" not in each.path
            assert each.line is None or 1 <= each.line <= count


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("\ufeff" + ORIGIN, "utf-8")
    assert load(file) == parse(ORIGIN)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    with pytest.raises(SettingsError, match="No such file"):
        load(file)
    file.write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load(file)


# Secrets --------------------------------------------------------------------------------


def with_secrets(folder: Path, *, key: int, secret: int) -> Path:
    (folder / "key.pem").touch()
    (folder / "key.pem").chmod(key)
    (folder / "secret").touch()
    (folder / "secret").chmod(secret)
    file = folder / "settings.toml"
    file.write_text(
        f'{ORIGIN}[tls]\nkey = "{folder}/key.pem"\n[[ice.servers]]\nurls = ["turn:x"]\n'
        f'secret_file = "{folder}/secret"\n'
    )
    return file


def test_secrets_of_the_owner_alone_are_fine(tmp_path: Path) -> None:
    """Debian lets the group ssl-cert read keys; the other secrets are nobody else's."""
    load(with_secrets(tmp_path, key=0o640, secret=0o600))


def test_a_secret_that_others_may_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(with_secrets(tmp_path, key=0o644, secret=0o640))
    assert [(error.path, error.text) for error in caught.value.errors] == [
        ("tls.key", f"{tmp_path}/key.pem is open to others: a secret; chmod 640 cures it"),
        (
            "ice.servers[0].secret_file",
            f"{tmp_path}/secret is open to its group or others: a secret; chmod 600 cures it",
        ),
    ]


def test_credentials_of_systemd_have_whatever_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "CREDENTIALS_DIRECTORY", str(tmp_path))
    load(with_secrets(tmp_path, key=0o644, secret=0o644))


def test_secrets_that_are_not_there_yet_can_be_named(tmp_path: Path) -> None:
    file = with_secrets(tmp_path, key=0o600, secret=0o600)
    (tmp_path / "secret").unlink()
    assert load(file).ice.servers[0].secret_file == f"{tmp_path}/secret"


def test_an_error_never_repeats_what_was_written() -> None:
    """Somebody may have put a password where only its path belongs."""
    source = (
        '[ucserver]\npassword = "hunter2"\n[[ice.servers]]\nurls = ["hunter2"]\n'
        'secret_file = "hunter2"\n[tls]\nkey = "hunter2"\n[log]\nformat = "hunter2"\n'
    )
    for each in (source, source + "x = hunter2"):
        assert "hunter2" not in "".join(errors_of(each))
