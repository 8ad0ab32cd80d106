"""A daemon opens the queue while another one writes; before it writes itself it catches up."""

from tests.gateway.push.fakes import UNIX, push
from tests.storage.push_stores import ONE, Queue


def test_what_another_process_has_written_meanwhile_is_known(queue: Queue) -> None:
    """Of most things a store says from memory that they are not there: from its own memory."""
    later = Queue(queue.folder)
    queue.store.add([push(1)], lambda is_kept: None)
    queue.store.bury("acme", "phone", "dead", "Unregistered", UNIX, UNIX)
    queue.settle()
    assert later.store.buried("acme", "phone", "dead") is None, "nothing was known when it began"
    later.store.catch_up()
    assert later.store.buried("acme", "phone", "dead") == UNIX
    assert later.store.known(push(1).customer, [ONE]) == {ONE: None}
    assert [each.id for each in later.store.load(None, 10)] == [ONE]
    later.store.close()
