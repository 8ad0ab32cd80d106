"""What holds for all tests: how long an example of Hypothesis takes is nobody's mistake."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
