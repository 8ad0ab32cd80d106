"""Whether WebSocket frames are unmasked by compiled code: otherwise 64 KiB cost 12 ms."""

from importlib import import_module


def masks_natively() -> bool:
    """Tell it; autobahn has chosen when it was imported."""
    # Imported here alone: it takes as long as a fifth of a command's start.
    module = import_module("autobahn.websocket.xormasker")
    # The pure fallback is built on arrays; NVX and wsaccel are not.
    return (
        "array" not in vars(module)
        or "wsaccel" in type(module.create_xor_masker(b"1234", 1000)).__module__
    )
