"""Clients that turn to more peers than calls need (D9 of the checklist)."""

from tests.protocols.turn.plays import Play


def host(number: int) -> str:
    return f"20.0.{number >> 8}.{number & 255}"


def test_d9_new_permissions_come_at_a_bounded_rate() -> None:
    """D9: a burst as large as the table, then so many a second; 508 and a line in the book."""
    play = Play(permissions=20, new_peers_per_second=2.0)
    alice = play.client()
    alice.allocates()
    for n in range(20):
        assert alice.permits((host(n), 0)).ok
    play.later(5)
    alice.allocation.permissions.clear()  # As if all had expired already.
    assert [alice.permits((host(n), 0)).error for n in range(100, 112)] == [0] * 10 + [508] * 2
    assert play.counters["too-many-new-peers"] == 2
    assert ("scanning", alice.allocation.id) in play.book.lines


def test_d9_a_full_table_is_a_scan_as_well() -> None:
    """D9: a quick one fills the table before its rate is felt; that is told as well."""
    play = Play(permissions=20, new_peers_per_second=1000.0)
    alice = play.client()
    alice.allocates()
    assert [alice.permits((host(n), 0)).error for n in range(21)] == [0] * 20 + [508]
    assert ("scanning", alice.allocation.id) in play.book.lines


def test_d9_peers_that_are_known_cost_nothing() -> None:
    play = Play(permissions=3, new_peers_per_second=0.001)
    alice = play.client()
    alice.allocates()
    for _ in range(20):
        assert alice.permits(*[(host(n), 0) for n in range(3)]).ok
        assert alice.binds(0x4000, (host(0), 5000)).ok


def test_d9_a_scan_of_ports_by_send_indications_is_slowed_down() -> None:
    """D9: one permission is for all ports of a host; each is a peer of its own."""
    play = Play(permissions=50, new_peers_per_second=1.0)
    alice = play.client()
    alice.allocates()
    alice.permits((host(1), 0))
    for port in range(1, 200):
        alice.sends((host(1), port), b"anybody?")
    reached = [each for each, mail in play.sockets.mail.items() if mail]
    assert len(reached) == 50
    assert play.counters["too-many-new-peers"] == 149
    play.later(10)
    for port in range(1000, 1100):
        alice.sends((host(1), port), b"anybody?")
    assert len([each for each, mail in play.sockets.mail.items() if mail]) == 60


def test_d9_peers_of_a_call_are_sent_to_without_end() -> None:
    play = Play(permissions=2, new_peers_per_second=0.001)
    alice, bob = play.client(), play.peer()
    alice.allocates()
    alice.permits(bob)
    for _ in range(100):
        alice.sends(bob, b"x")
    assert len(bob.hears()) == 100


def test_d9_the_peers_that_are_remembered_are_bounded() -> None:
    play = Play(watched=False, permissions=5000)
    alice = play.client()
    alice.allocates()
    alice.permits((host(1), 0))
    for port in range(1, 3000):
        alice.sends((host(1), port), b"x")
        assert len(alice.allocation.known_peers) <= 1024
    assert sum(bool(mail) for mail in play.sockets.mail.values()) == 2999
    play.settle()


def test_d9_a_scan_of_one_client_slows_nobody_else() -> None:
    play = Play(permissions=2, new_peers_per_second=0.001)
    alice, carol = play.client("alice"), play.client("carol")
    alice.allocates()
    carol.allocates()
    for n in range(20):
        alice.permits((host(n), 0))
    assert alice.permits((host(99), 0)).error == 508
    assert carol.permits((host(99), 0)).ok
