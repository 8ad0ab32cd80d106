"""Which origins a settings file may name, so that nothing stumbles over one later."""

import pytest

from procall_mobility.config import SettingsError, parse


@pytest.mark.parametrize(
    "origin",
    [
        "mobility.example.net",
        "https://x/y",
        "https://:443",
        "ftp://x",
        "https://x:65536",
        "https://x..example",
        "https://x.example.",
        "https://-x.example",
        "https://a@x.example",
        "https://b\u00fccher.example",
        "https://[12345::]",
        "https://[::1%eth0]",
        "https://[192.0.2.1]",
        "https://999.1.1.1",
        f"https://{'x' * 64}.example",
        f"https://{'x.' * 125}example",
    ],
)
def test_an_origin_is_scheme_and_host(origin: str) -> None:
    with pytest.raises(SettingsError) as raised:
        parse(f'[service]\norigin = "{origin}"')
    (only,) = map(str, raised.value.errors)
    assert only == 'line 2: service.origin: expected a text like "https://mobility.example.net"'


@pytest.mark.parametrize(
    "origin",
    [
        "https://mobility.example.net",
        "http://localhost:8080",
        "https://xn--bcher-kva.example",
        "https://192.0.2.1:8443",
        "https://[2001:db8::7]",
        f"https://{'x' * 63}.{'y.' * 91}example",
    ],
)
def test_names_and_addresses_may_stand_in_one(origin: str) -> None:
    assert parse(f'[service]\norigin = "{origin}"').service.origin == origin
