"""Push 4.6: no file beside the key says anything of a device, content or secret in clear."""

import base64
import json

from attrs import evolve

from procall_mobility.gateway.push.ports import Answered, State
from tests.gateway.push.fakes import UNIX, push
from tests.storage.push_stores import Queue

TOKEN = "f3a9c1d2e4b5" * 5
DEAD = "deadbeefcafe" * 5
CONTENT = "who-is-calling-and-why"
COLLAPSE = "call-of-alice"
KIND = "avnewcall-of-hers"
SECRET = "the-customers-push-secret"


def forms(text: str) -> list[bytes]:
    """Return a text in every form it could have got into a file."""
    octets = text.encode()
    found = [
        octets,
        text.encode("utf-16-le"),
        octets.hex().encode(),
        base64.b64encode(octets)[:-4],
    ]
    if len(text) % 2 == 0 and set(text) <= set("0123456789abcdef"):
        found.append(bytes.fromhex(text))
    return found


def test_the_files_hold_nothing_in_clear(queue: Queue) -> None:
    secrets = (TOKEN, DEAD, CONTENT, COLLAPSE, KIND, SECRET)
    answer = json.dumps({"dead": [DEAD], "content": CONTENT}).encode()
    searched: set[str] = set()

    def search() -> None:
        for file in queue.folder.iterdir():
            if file == queue.key:
                continue
            searched.add(file.name)
            octets = file.read_bytes()
            for secret in secrets:
                for form in forms(secret):
                    assert form not in octets, (file.name, secret)

    for number in range(20):
        made = push(number, token=TOKEN, collapse=COLLAPSE, content=CONTENT)
        about = evolve(made.notification, kind=KIND)
        answered = Answered(customer="acme", key=SECRET, digest=b"digest", answer=answer, at=UNIX)
        queue.store.add([evolve(made, notification=about)], lambda _: None, answered)
        queue.store.postpone([made.postponed(UNIX + 5)])
        queue.store.note("acme", f"{SECRET} {number}", b"digest", answer, UNIX)
        queue.store.bury("acme", "phone", DEAD, "Unregistered", UNIX, UNIX)
        queue.settle()
        search()
        queue.end(made.id, state=State.SENT)
    search()
    assert [each.token for each in queue.store.feedback("acme", 0, 10)] == [DEAD]
    queue.store.close()
    search()
    assert {"push.sqlite", "push.sqlite-wal", "push.sqlite-shm"} <= searched


def test_the_key_is_in_no_other_file(queue: Queue) -> None:
    queue.add(push(1))
    text = queue.key.read_text().strip()
    queue.store.close()
    for secret in (text.encode(), base64.b64decode(text), base64.b64decode(text).hex().encode()):
        assert secret not in queue.path.read_bytes()


def test_what_is_searched_for_would_be_found(queue: Queue) -> None:
    """The name of the application stands there in clear."""
    queue.add(push(1, app="the-name-of-an-app"))
    log = (queue.folder / "push.sqlite-wal").read_bytes()
    assert any(form in log for form in forms("the-name-of-an-app"))


def test_nothing_that_holds_a_token_shows_it(queue: Queue) -> None:
    """Whoever logs one of these logs no secret."""
    queue.store.bury("acme", "phone", DEAD, "Unregistered", UNIX, UNIX)
    queue.store.add([push(1, token=TOKEN, content=CONTENT)], lambda _: None)
    queue.store.note("acme", "key", b"digest", SECRET.encode(), UNIX)
    shown = repr(queue.store._commits.groups) + repr(queue.store.load(None, 1))
    for secret in (DEAD, TOKEN, CONTENT, SECRET):
        assert secret not in shown
