"""Ids that follow from what a push is about."""

import re

from hypothesis import given
from hypothesis import strategies as st

from procall_mobility.protocols.push.derived_ids import derived_id
from procall_mobility.protocols.push.messages import MARK

FORM = r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def test_the_same_is_the_same_and_no_two_others_are() -> None:
    assert derived_id("a", "b") == derived_id("a", "b") == "3c9d5910-45bc-8876-b9d0-399bbfb05c6a"
    many = [("a", "b"), ("b", "a"), ("ab",), ("ab", ""), ("", "ab"), ("a", "b", ""), ()]
    assert len({derived_id(*parts) for parts in many}) == len(many)


@given(st.lists(st.text(st.characters())))
def test_whatever_it_is_made_of_it_is_a_uuid_of_version_8(parts: list[str]) -> None:
    """RFC 9562 section 5.8; such ids go to providers as they are."""
    made = derived_id(*parts, "\ud800")
    assert re.fullmatch(FORM, made)
    assert MARK.fullmatch(made)
