"""A developer with accounts everywhere: credentials, and right requests to make worse."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

from examples.push_simulators.credentials import KEY_ID, TEAM, TOPIC, Credentials
from examples.push_simulators.exchange import Request, Verdict, Visit
from examples.push_simulators.judges import Judges
from procall_mobility.protocols.push.credentials import private_key
from procall_mobility.protocols.push.json_web_tokens import es256
from procall_mobility.protocols.push.service_accounts import ServiceAccount, service_account

NOW = 1_900_000_000.0
DEVICE = "ab" * 32
FCM_DEVICE = "c" * 22 + ":APA91b" + "x" * 134
PUSH_ID = "0190f2a4-7c3e-7b1a-9d2f-3c5b6a7d8e9f"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"


@cache
def account_of(file: Path) -> ServiceAccount:
    return service_account(file.read_bytes())


def origin(name: str) -> str:
    return f"https://{name.replace('_', '-')}.example.com"


@define
class Developer:
    """Asks judges without a wire."""

    files: Credentials
    judges: Judges
    visit: Visit = field(factory=lambda: Visit(1))
    now: float = NOW

    @classmethod
    def of(cls, folder: Path) -> "Developer":
        files = Credentials(folder)
        return cls(files, Judges.of(files, origin))

    def sends(self, provider: str, request: Request) -> Verdict:
        return self.judges.by_name[provider].judge(request, self.visit, self.now)

    # APNs

    def apple_token(self, *, alg: str = "ES256", kid: str = KEY_ID, **changed: Any) -> str:
        claims = {"iss": TEAM, "iat": int(self.now), **changed}
        signer = es256(private_key(self.files.apns_key.read_bytes()))
        return evolve(signer, algorithm=alg).token(claims, {"kid": kid})

    def apns(self, *without: str, body: bytes | None = None, **headers: str) -> Request:
        said = {
            "apns-topic": TOPIC,
            "apns-push-type": "alert",
            "apns-priority": "10",
            "apns-expiration": "0",
            "apns-id": PUSH_ID,
        }
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        if "authorization" not in said:
            said["authorization"] = f"bearer {self.apple_token()}"
        return Request(
            method="POST",
            path=f"/3/device/{DEVICE}",
            headers=tuple((name, value) for name, value in said.items() if name not in without),
            body=b'{"aps":{"alert":"Hello"}}' if body is None else body,
        )

    # FCM

    def google_token(self) -> str:
        account = account_of(self.files.fcm_account)
        asked = account.token_request(SCOPE, self.now)
        verdict = self.sends("fcm", request_of(asked))
        token: str = json.loads(verdict.reply.body)["access_token"]
        return token

    def fcm(self, message: object, token: str | None = None) -> Request:
        return Request(
            method="POST",
            path="/v1/projects/demo-project/messages:send",
            headers=(
                ("authorization", f"Bearer {token or self.google_token()}"),
                ("content-type", "application/json"),
            ),
            body=json.dumps({"message": message}).encode(),
        )


def request_of(asked: Any) -> Request:
    """Return a request of ours as it arrives."""
    length = ("content-length", str(len(asked.body)))
    return Request(
        method=asked.method, path=asked.path, headers=(*asked.headers, length), body=asked.body
    )


def reason(verdict: Verdict) -> str:
    said: dict[str, str] = json.loads(verdict.reply.body or b"{}")
    return said.get("reason", "")
