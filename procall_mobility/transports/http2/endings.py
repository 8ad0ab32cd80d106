"""Why a connection is gone, for the log and for people."""

from OpenSSL import SSL
from service_identity import CertificateError, VerificationError
from twisted.python.failure import Failure

from procall_mobility.transports.tls import why_failed


def why_lost(reason: Failure, otherwise: str) -> str:
    """Say why a connection that we did not end is gone; `otherwise` is what HTTP/2 knows."""
    match reason.value:
        case SSL.Error():
            return why_failed(reason)
        case VerificationError() | CertificateError():
            return "the certificate is another host's"
    return otherwise
