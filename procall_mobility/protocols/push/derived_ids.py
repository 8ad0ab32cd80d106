"""Ids that follow from what a push is about: whoever hands it in again has the same one."""

import hashlib


def derived_id(*parts: str) -> str:
    """Return a UUID of version 8 made of a digest (RFC 9562 section 5.8).

    Each part counts with its length, so that no two lists of parts look alike.
    """
    digest = hashlib.sha256()
    for part in parts:
        octets = part.encode("utf-8", "surrogatepass")
        digest.update(len(octets).to_bytes(8) + octets)
    number = int.from_bytes(digest.digest()[:16])
    number = number & ~(0xF << 76) | 8 << 76  # The version.
    number = number & ~(0x3 << 62) | 2 << 62  # The variant.
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
