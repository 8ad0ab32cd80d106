"""Has those who look from outside say what they have seen when it is wrong."""

import pytest

pytest.register_assert_rewrite(
    *(
        f"tests.interop.reload.{name}"
        for name in ("changes", "relay_changes", "broken", "house", "load", "looks")
    )
)
