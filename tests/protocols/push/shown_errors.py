"""What a log could show of an error."""

import traceback


def shown(error: BaseException) -> str:
    """Return whatever a log could show of an error, with all that lies beneath it."""
    said = "".join(traceback.format_exception(error)) + repr(error)
    beneath = error.__context__ or error.__cause__
    return said + (repr(vars(beneath)) + shown(beneath) if beneath else "")
