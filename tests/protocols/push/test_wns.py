"""Requests to the Windows Push Notification Services, to their hosts alone."""

import json
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.endpoints import Endpoint
from procall_mobility.protocols.push.notification import Notification, Urgency
from procall_mobility.protocols.push.unsayable import (
    MalformedToken,
    NoText,
    ReservedName,
    TooLarge,
    Unsayable,
)
from procall_mobility.protocols.push.wns import (
    ENTRA_HOST,
    LARGEST,
    LONGEST_CHANNEL,
    STORE_HOST,
    WnsTarget,
    channel,
    check,
    entra_token_request,
    request,
    store_token_request,
)
from tests.protocols.push.pushes import CALL as ANY_CALL
from tests.protocols.push.pushes import CHAT as ANY_CHAT
from tests.protocols.push.pushes import ID, UNIX

TOKEN = "https://wns2-par02p.notify.windows.com/w/?token=BQYAAABqx%2bDk%3d"
CALL, CHAT = evolve(ANY_CALL, token=TOKEN), evolve(ANY_CHAT, token=TOKEN)
BACKGROUND = evolve(CHAT, urgency=Urgency.BACKGROUND)

RAW, TOAST = WnsTarget(), WnsTarget(title='ProCall & "Co" <1>')
CHAT_DATA = {"id": ID, "kind": "chat", "enc": "aes128", "data": "c2VhbGVk"}


def test_a_push_goes_raw_to_its_channel() -> None:
    made = request(CHAT, RAW, "TOKEN", UNIX)
    assert (made.method, made.path) == ("POST", "/w/?token=BQYAAABqx%2bDk%3d")
    assert made.headers == (
        ("authorization", "Bearer TOKEN"),
        ("content-type", "application/octet-stream"),
        ("x-wns-type", "wns/raw"),
        ("x-wns-requestforstatus", "true"),
        ("x-wns-ttl", "3600"),
        ("x-wns-priority", "1"),
        ("x-wns-cache-policy", "cache"),
    )
    assert json.loads(made.body) == CHAT_DATA


def test_a_push_goes_as_a_toast_where_the_system_shall_show_it() -> None:
    """No cache policy: it is for the other types."""
    made = request(CHAT, TOAST, "TOKEN", UNIX)
    assert made.headers == (
        ("authorization", "Bearer TOKEN"),
        ("content-type", "text/xml"),
        ("x-wns-type", "wns/toast"),
        ("x-wns-requestforstatus", "true"),
        ("x-wns-ttl", "3600"),
        ("x-wns-priority", "1"),
    )
    toast = ET.fromstring(made.body)
    assert json.loads(toast.attrib["launch"]) == CHAT_DATA
    assert [each.text for each in toast.iter("text")] == [TOAST.title]


@pytest.mark.parametrize(
    ("notification", "kind", "priority"),
    [
        (CALL, "wns/toast", "1"),
        (CHAT, "wns/toast", "1"),
        (BACKGROUND, "wns/raw", "3"),
        (evolve(CALL, kind="avdropcall"), "wns/raw", "1"),
        (evolve(CHAT, kind="check"), "wns/raw", "1"),
    ],
)
def test_what_nobody_shall_see_is_no_toast(
    notification: Notification, kind: str, priority: str
) -> None:
    """X-WNS-PRIORITY 1 also where a computer saves its battery, 3 when it does not."""
    headers = dict(request(notification, TOAST, "TOKEN", UNIX).headers)
    assert (headers["x-wns-type"], headers["x-wns-priority"]) == (kind, priority)


@pytest.mark.parametrize("target", [RAW, TOAST], ids=["raw", "toast"])
def test_the_sender_is_asked_for_no_length_and_no_chunks(target: WnsTarget) -> None:
    """WNS wants Content-Length and no chunks; that is who sends it, as it is for all providers."""
    names = {name for name, _ in request(CHAT, target, "TOKEN", UNIX).headers}
    assert not names & {"content-length", "transfer-encoding", "expect"}


@pytest.mark.parametrize(
    ("expires", "ttl"),
    [(UNIX + 30.9, "30"), (UNIX, "1"), (UNIX - 9, "1"), (UNIX + 9e9, "2592000")],
)
def test_a_push_lives_as_long_as_somebody_wants_it(expires: float, ttl: str) -> None:
    assert dict(request(evolve(CALL, expires=expires), RAW, "T", UNIX).headers)["x-wns-ttl"] == ttl


def test_a_channel_is_read() -> None:
    assert channel(TOKEN) == Endpoint(
        "wns2-par02p.notify.windows.com", 443, "/w/?token=BQYAAABqx%2bDk%3d"
    )
    assert channel("https://Notify.Notify.Windows.Com:443/").host == "notify.notify.windows.com"


@pytest.mark.parametrize(
    "token",
    [
        "", "BQYAAABqx", "http://db5.notify.windows.com/?token=x", "https://notify.windows.com/x",
        "https://windows.com/x", "https://db5.notify.windows.com.example.com/x",
        "https://db5.notify.windows.com./x", "https://evilnotify.windows.com/x",
        "https://db5-notify.windows.com/x", "https://db5.notify.windows.com@example.com/",
        "https://example.com/.notify.windows.com", "https://example.com?x.notify.windows.com",
        "https://example.com#.notify.windows.com", "https://db5.notify.windows.com:8443/x",
        "https://db5.notify.windows.com:80/x", "https://127.0.0.1/x", "https://.notify.windows.com/x",
        "https://db5.notify.windows.com/x\r\nx: y", "https://db5.notifyxwindows.com/x",
        "https://db5.notify.windows.com/" + "x" * LONGEST_CHANNEL,
    ],
)  # fmt: skip
def test_only_hosts_of_microsofts_are_called(token: str) -> None:
    """Whoever registers a channel chooses its URI."""
    with pytest.raises(MalformedToken) as caught:
        channel(token)
    assert caught.value.__context__ is None
    for act in (check, lambda *both: request(*both, "TOKEN", UNIX)):
        with pytest.raises(MalformedToken):
            act(evolve(CHAT, token=token), RAW)


def filled(target: WnsTarget, size: int) -> Notification:
    empty = evolve(CHAT, content={"data": ""})
    return evolve(
        empty,
        content={"data": "x" * (size - len(request(empty, target, "TOKEN", UNIX).body))},
    )


@pytest.mark.parametrize("target", [RAW, TOAST], ids=["raw", "toast"])
def test_the_limit_is_known_before_a_push_is_accepted(target: WnsTarget) -> None:
    """5000 octets."""
    check(filled(target, LARGEST), target)
    assert len(request(filled(target, LARGEST), target, "TOKEN", UNIX).body) == 5000
    with pytest.raises(TooLarge) as caught:
        check(filled(target, LARGEST + 1), target)
    assert (caught.value.size, caught.value.limit) == (5001, 5000)


@pytest.mark.parametrize("target", [RAW, TOAST], ids=["raw", "toast"])
@pytest.mark.parametrize(
    ("content", "error"), [({"kind": "x"}, ReservedName), ({"data": "\udfff"}, NoText)]
)
def test_content_that_cannot_be_said(
    content: dict[str, str], error: type[Unsayable], target: WnsTarget
) -> None:
    with pytest.raises(error):
        check(evolve(CHAT, content=content), target)


@pytest.mark.parametrize("title", ["", "x" * 101, "a\nb", "a\0b", "\ud800", "\ufffe"])
def test_a_title_is_what_xml_can_say(title: str) -> None:
    with pytest.raises(ValueError, match="title"):
        WnsTarget(title=title)
    assert WnsTarget(title="\u00e4" * 100).title


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=600), max_size=4))
def test_any_content_is_read_out_of_a_toast_again(content: dict[str, str]) -> None:
    notification = evolve(CHAT, content=content)
    try:
        check(notification, TOAST)
    except Unsayable:
        return
    toast = ET.fromstring(request(notification, TOAST, "TOKEN", UNIX).body)
    assert json.loads(toast.attrib["launch"]) == {"id": ID, "kind": "chat", **content}


@given(st.text(max_size=100) | st.from_regex(r"https://[a-z.]*notify\.windows\.com[ -~]*"))
def test_any_token_is_a_channel_or_malformed(token: str) -> None:
    try:
        found = channel(token)
    except MalformedToken:
        return
    assert found.host.endswith(".notify.windows.com") and found.port == 443


def test_access_tokens_are_asked_for() -> None:
    """RFC 6749 section 4.4, at either of the two that give them out."""
    assert (STORE_HOST, ENTRA_HOST) == ("login.live.com", "login.microsoftonline.com")
    store = store_token_request("ms-app://S-1-15-2-1", "s&cret")
    assert store.path == "/accesstoken.srf"
    assert parse_qs(store.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["ms-app://S-1-15-2-1"],
        "client_secret": ["s&cret"],
        "scope": ["notify.windows.com"],
    }
    entra = entra_token_request("8ca1-11", "app", "secret")
    assert entra.path == "/8ca1-11/oauth2/v2.0/token"
    assert parse_qs(entra.body.decode())["scope"] == ["https://wns.windows.com/.default"]


@pytest.mark.parametrize("tenant", ["", "a/b", "../x", "a b", "a\n", "x" * 101])
def test_a_tenant_is_nothing_else(tenant: str) -> None:
    with pytest.raises(ValueError, match="tenant"):
        entra_token_request(tenant, "app", "secret")
