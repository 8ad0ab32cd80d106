"""The life of one connection of the demo server."""

import json
from collections.abc import Callable
from typing import Any

from attrs import define, field
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from examples.uc_demo.server.destinations import Security
from examples.uc_demo.server.lines import RawLine
from examples.uc_demo.server.uplink import KEEP_ALIVE_EVERY, Uplink
from procall_mobility.protocols.rose.form import Form
from tests.examples.uc_demo.server.company import Company


class Wire(StringTransport):
    """A transport that also remembers that TLS was begun."""

    secured_with: Any = None

    def setTcpNoDelay(self, enabled: bool) -> None:
        self.no_delay = enabled

    def startTLS(self, options: Any) -> None:
        self.secured_with = options


@define
class Dialler:
    """What `Dialling` is, without dialling."""

    reactor: Clock = field(factory=Clock)
    company: Company = field(factory=Company)
    registered: list[Uplink] = field(factory=list)
    addresses: list[str] = field(factory=list)
    losses: list[str] = field(factory=list)

    def uplink(self, write: Callable[[bytes], None], news: Any, *, framed: bool) -> Uplink:
        now = self.reactor.seconds
        return Uplink(self.company.office, Form.JSON_HEADER, write, news, now, framed=framed)

    def credentials(self) -> tuple[str, str]:
        return "demo", "secret"

    def tls_options(self) -> str:
        return "whom to trust"

    def up(self, uplink: Uplink) -> None:
        self.registered.append(uplink)

    def redirected(self, addresses: list[str]) -> None:
        self.addresses += addresses

    def lost(self, why: str) -> None:
        self.losses.append(why)


@define
class Play:
    """A line in a connection."""

    security: Security = Security.PLAIN
    dialler: Dialler = field(factory=Dialler)
    wire: Wire = field(factory=Wire)
    line: RawLine = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.line = RawLine(self.dialler, self.security)
        self.line.makeConnection(self.wire)

    def says(self) -> list[Any]:
        """Take what the demo server has said: operation names."""
        octets = self.wire.value()
        self.wire.clear()
        found = []
        while octets:
            size = int(octets[1:8])
            found.append(json.loads(octets[8 : 8 + size])["invoke"])
            octets = octets[8 + size :]
        return found

    def answers(self, result: Any, invoke_id: int = 1) -> None:
        inner = {"resultValue": 0, "result": result}
        self._hears({"result": {"invokeID": invoke_id, "result": inner}})

    def refuses(self, text: str) -> None:
        error = {"iErrorDetail": 3, "u8sErrorString": text}
        self._hears({"error": {"invokedID": 1, "error_value": 0, "error": error}})

    def _hears(self, message: Any) -> None:
        payload = json.dumps(message).encode()
        self.line.dataReceived(b"J%07d%s" % (len(payload), payload))

    def ends(self) -> list[str]:
        self.line.connectionLost()
        return self.dialler.losses


def test_the_first_word_is_the_registration() -> None:
    (invoke,) = Play().says()
    assert invoke["operationName"] == "asnRegisterServerV2"
    assert invoke["argument"]["u8sServerID"] == "demo"
    assert invoke["argument"]["u8sServerPassword"] == "secret"


def test_starttls_comes_first_and_everything_begins_anew_inside() -> None:
    """Wire 4.8."""
    play = Play(Security.STARTTLS)
    assert [each["operationName"] for each in play.says()] == ["asnStartTLS"]
    play.answers({})
    assert play.wire.secured_with == "whom to trust"
    (invoke,) = play.says()
    assert (invoke["operationName"], invoke["invokeID"]) == ("asnRegisterServerV2", 1)
    play.answers({"result": {}})
    assert len(play.dialler.registered) == 1


def test_a_refused_starttls_ends_the_connection() -> None:
    """Nothing secret is said in plain."""
    play = Play(Security.STARTTLS)
    play.says()
    play.refuses("no TLS here")
    assert play.says() == []
    assert play.wire.disconnecting


def test_a_registered_link_is_kept_alive_every_30_seconds_until_it_ends() -> None:
    play = Play()
    play.answers({"result": {}})
    play.says()
    for _ in range(2):
        play.dialler.reactor.advance(KEEP_ALIVE_EVERY)
        assert play.says()[0]["operationName"] == "asnTransportKeepAlive"
    assert play.ends() == ["the connection was lost"]
    assert play.dialler.reactor.getDelayedCalls() == []


def test_a_refusal_is_passed_on_in_the_daemons_words() -> None:
    play = Play()
    play.refuses("the password is wrong")
    assert play.wire.disconnecting
    assert play.ends() == ["refused: the password is wrong"]


def test_a_redirect_closes_and_names_the_other_addresses() -> None:
    play = Play()
    play.answers({"redirect": {"redirectAddresses": ["enetctis://other.example:443"]}})
    assert play.wire.disconnecting
    assert play.dialler.addresses == ["enetctis://other.example:443"]


def test_a_stranger_is_left_at_once() -> None:
    play = Play()
    play.line.dataReceived(b"SSH-2.0-OpenSSH\r\n")
    assert play.wire.disconnecting
    assert "framing" in play.ends()[0]
