"""aioice and aiortc by way of our relay: others' clients, with nothing but relays to talk by."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.interop.turn.servers import PASSWORD, USER, Relay

# Only requirements/interop.txt has them; whoever runs other tests collects this file as well.
aioice = pytest.importorskip("aioice")
aiortc = pytest.importorskip("aiortc")
turn = pytest.importorskip("aioice.turn")

pytestmark = pytest.mark.interop

PATIENCE = 120.0
DATAGRAMS = 50
FRAMES = 10
HELLO = b"hello"

Way = tuple[str, int, bool]
"""Transport, port, and whether TLS is spoken."""


@pytest.fixture(params=["udp", "tcp", "tls", "shared"])
def way(
    request: pytest.FixtureRequest, loopback_relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> Way:
    # Neither library takes authorities to trust; OpenSSL takes them from here.
    monkeypatch.setenv("SSL_CERT_FILE", str(loopback_relay.folder / "ca.pem"))
    ways = {
        "udp": ("udp", loopback_relay.port, False),
        "tcp": ("tcp", loopback_relay.port, False),
        "tls": ("tcp", loopback_relay.tls_port, True),
        "shared": ("tcp", loopback_relay.shared_port, True),
    }
    chosen: Way = ways[request.param]
    return chosen


def run(play: Coroutine[Any, Any, None], relay: Relay) -> None:
    """Perform a play; afterwards nobody has a relay any more."""
    asyncio.run(asyncio.wait_for(play, PATIENCE))
    relay.until(lambda: not relay.sessions())
    assert relay.is_well()


# aioice -----------------------------------------------------------------------------------


class End(asyncio.DatagramProtocol):
    """A relay of aioice's, and what comes out of it."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[bytes, Any]] = asyncio.Queue()
        self.closed = asyncio.Event()
        self.relay: Any = None

    @classmethod
    async def open(cls, way: Way) -> "End":
        transport, port, tls = way
        relay, end = await turn.create_turn_endpoint(
            cls, ("127.0.0.1", port), USER, PASSWORD, ssl=tls or None, transport=transport
        )
        end.relay = relay
        return end

    @property
    def address(self) -> Any:
        return self.relay.get_extra_info("sockname")

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.heard.put_nowait((data, addr))

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()

    async def hears(self, data: bytes, sender: "End") -> None:
        while (heard := await self.heard.get())[0] == HELLO != data:
            pass  # More than one was said.
        assert heard == (data, sender.address)


async def meet(near: End, far: End) -> None:
    """Bind channels; what is said before both have is heard by nobody (RFC 8656 section 9)."""
    while near.heard.empty() or far.heard.empty():
        near.relay.sendto(HELLO, far.address)
        far.relay.sendto(HELLO, near.address)
        await asyncio.sleep(0.02)


def test_aioice_talks_through_two_relays(loopback_relay: Relay, way: Way) -> None:
    """Channels, data of every size, and relays that are given back (RFC 8656 sections 8, 12)."""

    async def play() -> None:
        near, far = await End.open(way), await End.open(way)
        await meet(near, far)
        for number in range(DATAGRAMS):
            data = bytes([number]) * (25 * number + 1)
            near.relay.sendto(data, far.address)
            await far.hears(data, near)
            far.relay.sendto(data, near.address)
            await near.hears(data, far)
        for end in (near, far):
            end.relay.close()
            await end.closed.wait()

    run(play(), loopback_relay)


def test_aioice_connects_two_agents_by_relays_alone(loopback_relay: Relay, way: Way) -> None:
    """ICE (RFC 8445) whose every candidate is a relay."""
    transport, port, tls = way

    def agent(*, controlling: bool) -> Any:
        return aioice.Connection(
            ice_controlling=controlling,
            turn_server=("127.0.0.1", port),
            turn_username=USER,
            turn_password=PASSWORD,
            turn_ssl=tls,
            turn_transport=transport,
            transport_policy=aioice.TransportPolicy.RELAY,
        )

    async def play() -> None:
        near, far = agent(controlling=True), agent(controlling=False)
        for each in (near, far):
            await each.gather_candidates()
            assert {candidate.type for candidate in each.local_candidates} == {"relay"}
        for one, other in ((near, far), (far, near)):
            one.remote_username, one.remote_password = other.local_username, other.local_password
            for candidate in other.local_candidates:
                await one.add_remote_candidate(candidate)
            await one.add_remote_candidate(None)
        await asyncio.gather(near.connect(), far.connect())
        await near.send(b"a question")
        assert await far.recv() == b"a question"
        await far.send(b"an answer")
        assert await near.recv() == b"an answer"
        await asyncio.gather(near.close(), far.close())

    run(play(), loopback_relay)


# aiortc -----------------------------------------------------------------------------------


def peer_connection(way: Way) -> Any:
    transport, port, tls = way
    url = f"{'turns' if tls else 'turn'}:127.0.0.1:{port}?transport={transport}"
    return aiortc.RTCPeerConnection(
        aiortc.RTCConfiguration(
            iceServers=[aiortc.RTCIceServer(url, username=USER, credential=PASSWORD)],
            iceTransportPolicy=aiortc.RTCIceTransportPolicy.RELAY,
        )
    )


class Caller:
    """One side of a call: sends sound, pictures and words, and counts what it gets."""

    def __init__(self, way: Way) -> None:
        self.peer = peer_connection(way)
        self.peer.addTrack(aiortc.AudioStreamTrack())
        self.peer.addTrack(aiortc.VideoStreamTrack())
        self.words: asyncio.Queue[str] = asyncio.Queue()
        self.seen = {"audio": asyncio.Event(), "video": asyncio.Event()}
        self._tasks: set[asyncio.Task[None]] = set()
        self.peer.on("track", self._watch)
        self.peer.on("datachannel", self._listen)

    def _watch(self, track: Any) -> None:
        self._tasks.add(asyncio.ensure_future(self._count(track)))

    async def _count(self, track: Any) -> None:
        for _ in range(FRAMES):
            await track.recv()
        self.seen[track.kind].set()

    def _listen(self, channel: Any) -> None:
        channel.on("message", lambda word: channel.send(f"{word}, too"))

    def candidate_types(self) -> set[str]:
        """Return the kinds of candidates that its description names."""
        lines = self.peer.localDescription.sdp.splitlines()
        found = [line.split() for line in lines if line.startswith("a=candidate:")]
        return {line[line.index("typ") + 1] for line in found}

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.peer.close()


def test_aiortc_sees_hears_and_writes_by_relays_alone(loopback_relay: Relay, way: Way) -> None:
    """Frames of sound and pictures arrive on both sides, and a word comes back."""

    async def play() -> None:
        alice, bob = Caller(way), Caller(way)
        async with AsyncExitStack() as leaving:
            for each in (alice, bob):
                leaving.push_async_callback(each.leave)
            channel = alice.peer.createDataChannel("words")
            channel.on("open", lambda: channel.send("me"))
            channel.on("message", alice.words.put_nowait)
            await alice.peer.setLocalDescription(await alice.peer.createOffer())
            await bob.peer.setRemoteDescription(alice.peer.localDescription)
            await bob.peer.setLocalDescription(await bob.peer.createAnswer())
            await alice.peer.setRemoteDescription(bob.peer.localDescription)
            assert alice.candidate_types() == bob.candidate_types() == {"relay"}
            assert await alice.words.get() == "me, too"
            for each in (alice, bob):
                await each.seen["audio"].wait()
                await each.seen["video"].wait()

    run(play(), loopback_relay)
