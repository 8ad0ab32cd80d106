"""Answers of any shape: early, endless, in pieces, with more around them, of a wrong length."""

from procall_mobility.protocols.push.exchange import LONGEST_ANSWER, Answer
from tests.transports.http2.provider import CANCEL, opened, push


def test_an_answer_before_the_whole_request_is_one() -> None:
    """RFC 9113 section 8.1: what is left of the request is not sent any more."""
    dialogue = opened(answers=False, window=0)
    (stream,) = dialogue.request(push(1, b"x" * 4000))
    dialogue.talk()
    dialogue.provider.answer(stream, 413)
    dialogue.talk()
    assert dialogue.results()[stream].status == 413
    assert dialogue.provider.resets == {stream: CANCEL}


def test_an_answer_that_does_not_end_is_cut() -> None:
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    provider = dialogue.provider
    provider.speech.send_headers(stream, [(":status", "200")])
    provider.speech.send_data(stream, b"a" * LONGEST_ANSWER)
    dialogue.talk()
    assert dialogue.results() == {}
    provider.speech.send_data(stream, b"b" * 10)
    provider.speech.send_data(stream, b"c" * 10)
    dialogue.talk()
    assert dialogue.results()[stream].body == b"a" * LONGEST_ANSWER
    assert provider.resets == {stream: CANCEL}


def test_an_answer_in_many_small_pieces_is_put_together() -> None:
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    dialogue.provider.speech.send_headers(stream, [(":status", "200")])
    for octet in range(256):
        dialogue.provider.speech.send_data(stream, bytes([octet]), end_stream=octet == 255)
    dialogue.talk()
    assert dialogue.results()[stream].body == bytes(range(256))


def test_header_fields_beyond_their_bound_are_dropped_and_the_answer_is_one() -> None:
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    many = [(f"x-{number}", "y" * 990) for number in range(20)]
    dialogue.provider.answer(stream, 200, b"", *many)
    dialogue.talk()
    answer = dialogue.results()[stream]
    assert answer.status == 200
    assert [*answer.headers] == ["apns-id", *(f"x-{number}" for number in range(8))]


def test_interim_answers_and_trailers_leave_no_trace() -> None:
    """RFC 9110 sections 6.5.1 and 15.2."""
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    speech = dialogue.provider.speech
    speech.send_headers(stream, [(":status", "103"), ("link", "early")])
    speech.send_headers(stream, [(":status", "200"), ("x", "1")])
    speech.send_data(stream, b"{}")
    speech.send_headers(stream, [("x", "2"), ("y", "3")], end_stream=True)
    dialogue.talk()
    assert dialogue.results()[stream] == Answer(status=200, headers={"x": "1"}, body=b"{}")


def test_an_answer_of_another_length_than_it_says_is_none() -> None:
    """RFC 9113 section 8.1.1."""
    dialogue = opened(answers=False)
    (stream,) = dialogue.request()
    dialogue.talk()
    dialogue.provider.speech.config.validate_outbound_headers = False
    dialogue.provider.answer(stream, 200, b"{}", ("content-length", "7"))
    dialogue.talk()
    assert dialogue.results()[stream].was_processed is None
