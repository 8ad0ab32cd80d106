"""What holds for all tests: how many examples Hypothesis tries, and that none is timed.

`make test` is content with fewer, so that it ends while one waits for it; .ci/run tries as many
as Hypothesis does by itself (`--hypothesis-profile thorough`).
"""

from hypothesis import settings

# How long an example takes is nobody's mistake.
settings.register_profile("thorough", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=40)
settings.load_profile("quick")
