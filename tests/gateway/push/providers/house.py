"""Makes applications of registrations and credentials, and lets their tokens be fetched."""

import json

from attrs import evolve

from procall_mobility.gateway.push.applications.apps import PushApp
from procall_mobility.gateway.push.applications.carriers import Carrier
from procall_mobility.gateway.push.applications.registrations import Registration
from procall_mobility.gateway.push.providers.credentials import PushCredentials
from procall_mobility.gateway.push.providers.workshop import Workshop
from procall_mobility.protocols.push.exchange import Answer
from tests.gateway.push.credentials import UNIX


class House:
    def __init__(self, **hosts: str) -> None:
        self.workshop = Workshop(
            wall_clock=lambda: UNIX,
            clock=lambda: 0.0,
            dice=lambda: 0.5,
            entropy=bytes,
            hosts=hosts,
        )
        self.credentials = PushCredentials(self.workshop)

    def app(self, told: Registration, octets: bytes) -> PushApp:
        return self.credentials.app(told, octets)

    def carrier(self, told: Registration, octets: bytes, **options: str) -> Carrier:
        told = evolve(told, options={**told.options, **options})
        branch = self.app(told, octets).first.branch("")
        assert branch is not None
        return branch.carrier

    def grants(self, name: str, now: float = 0.0) -> str:
        """Let the one token that is to be fetched be fetched; returns what asked for it."""
        (fetched,) = self.credentials.fetched.values()
        fetched.tokens.wake(now)
        asked = fetched.tokens.take()[-1]
        body = json.dumps({"access_token": name, "expires_in": 3600, "token_type": "Bearer"})
        answer = Answer(status=200, headers={}, body=body.encode())
        fetched.tokens.hears(asked.number, answer, now)
        return asked.request.body.decode()
