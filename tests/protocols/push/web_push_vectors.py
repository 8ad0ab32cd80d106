"""The examples of RFC 8188 section 3, RFC 8291 section 5 and appendix A, RFC 8292 section 2.4."""

import base64

from cryptography.hazmat.primitives.asymmetric import ec


def octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(octets(text)), ec.SECP256R1())


WALRUS = b"I am the walrus"
"""RFC 8188's content."""

ONE_RECORD_KEY = octets("yqdlZ-tYemfogSmv7Ws5PQ")
ONE_RECORD = octets("I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg")
"""RFC 8188 section 3.1."""

TWO_RECORDS_KEY = octets("BO3ZVPxUlnLORbVGMpbT1Q")
TWO_RECORDS = octets(
    "uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1Fvkj6hQPdPHI51OEUKEpgz3SsLW"
    "IqS_uA"
)
"""RFC 8188 section 3.2: records of 25 octets, key id "a1", an octet of padding in the first."""

WATERMELON = b"When I grow up, I want to be a watermelon"
AS_PRIVATE = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
AS_PUBLIC = octets(
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
)
UA_PRIVATE = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
UA_PUBLIC = octets(
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
SALT = octets("DGv6ra1nlYgDCS1FRnbzlw")
AUTH = octets("BTBZMqHH6r4Tts7J_aSIgg")
SHARED = octets("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs")
KEYING_MATERIAL = octets("S4lYMb_L0FxCeq0WhDx813KgSYqU26kOyzWUdsXYyrg")
CONTENT_KEY = octets("oIhVW04MRdy2XN9CiKLxTg")
NONCE = octets("4h_95klXJ5E_qnoN")
MESSAGE = octets(
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6T"
    "lzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy"
    "4a-fN"
)
"""RFC 8291 section 5; the values on the way to it are of appendix A."""

VAPID_TOKEN = (
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9."
    "eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNo"
    "QGV4YW1wbGUuY29tIn0."
    "i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA"
)
VAPID_KEY = (
    "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"
)
"""RFC 8292 section 2.4."""
