"""A name server (RFC 1035) that knows one address, or no name at all; for a namespace of its own.

python -m tests.interop.doctor.name_server [ADDRESS]
"""

import socket
import struct
import sys

NO_SUCH_NAME, A = 3, 1
_HEADER = struct.Struct("!6H")


def answer(question: bytes, address: str | None) -> bytes:
    """Answer a question: with the address where one for IPv4 is asked for, else with nothing."""
    number, _, questions, *_ = _HEADER.unpack_from(question)
    end = question.index(b"\0", _HEADER.size) + 5
    asked = question[_HEADER.size : end]
    (kind,) = struct.unpack_from("!H", asked, len(asked) - 4)
    code = NO_SUCH_NAME if address is None else 0
    records = b""
    if address is not None and kind == A:
        records = b"\xc0\x0c" + struct.pack("!HHIH", A, 1, 60, 4) + socket.inet_aton(address)
    flags = 0x8180 | code
    header = _HEADER.pack(number, flags, questions, bool(records), 0, 0)
    return header + asked + records


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 53))
        while True:
            question, client = server.recvfrom(512)
            server.sendto(answer(question, address), client)


if __name__ == "__main__":
    main()
