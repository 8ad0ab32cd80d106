"""Keys out of files that operators are given by providers, and what is wrong with them."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

LARGEST_FILE = 65_536
"""Octets; a service account's file has some 2,400."""


class CredentialError(ValueError):
    """A credential cannot be used.  Says why to its operator, and shows nothing of it.

    Its context is empty: errors of the parsers beneath hold what they could not read.
    """


def private_key(pem: bytes) -> PrivateKeyTypes:
    """Read a private key in PEM that needs no passphrase.

    Raises:
        CredentialError: it is none.
    """
    key, wrong = _loaded(pem)
    if key is None:
        raise CredentialError(wrong)
    return key


def _loaded(pem: bytes) -> tuple[PrivateKeyTypes | None, str]:
    if not pem.strip():
        return None, "it is empty"
    if len(pem) > LARGEST_FILE:
        return None, f"it is larger than {LARGEST_FILE} octets"
    if b"-----BEGIN " not in pem:
        return None, "it is no PEM: there is no line -----BEGIN PRIVATE KEY----- in it"
    if b"PRIVATE KEY-----" not in pem:
        return None, "there is PEM in it, but no private key"
    if b"ENCRYPTED" in pem:
        return None, "the key is encrypted; it is needed without a passphrase"
    try:
        return load_pem_private_key(pem, password=None), ""
    except (ValueError, TypeError):
        return None, "the private key is damaged or cut off"
    except UnsupportedAlgorithm:
        return None, "the private key is of a kind nobody here knows"
