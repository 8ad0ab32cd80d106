"""The judges of all providers, who know one developer's credentials and applications."""

import json
from collections.abc import Callable

from attrs import frozen

from examples.push_simulators import credentials as own
from examples.push_simulators.apns.judge import ApnsJudge
from examples.push_simulators.apns.provider_tokens import ProviderTokens, SigningKey
from examples.push_simulators.credentials import Credentials, ec_key, rsa_key
from examples.push_simulators.devices import Devices
from examples.push_simulators.exchange import Judge
from examples.push_simulators.fcm.judge import Account, FcmJudge
from examples.push_simulators.hms.credentials import HmsAccount
from examples.push_simulators.hms.judge import HmsJudge
from examples.push_simulators.web_push.judge import WebPushJudge
from examples.push_simulators.wns.judge import WnsJudge


@frozen(kw_only=True)
class Judges:
    """One for each simulator."""

    by_name: dict[str, Judge]
    apns_tokens: ProviderTokens
    web_push: WebPushJudge

    @classmethod
    def of(cls, files: Credentials, origin: Callable[[str], str]) -> "Judges":
        """Make credentials where there are none, and judges that know them.

        Args:
            files: where credentials are.
            origin: a simulator's name to its address.
        """
        token_uri = f"{origin('fcm')}/token"
        files.make(token_uri)
        tokens, devices = ProviderTokens(), Devices()
        public = ec_key(files.apns_key.read_bytes()).public_key()
        tokens.add([SigningKey(id=own.KEY_ID, team=own.TEAM, public=public)])
        web_push = WebPushJudge(origin=origin("web_push"))
        by_name: dict[str, Judge] = {
            "apns": _apns("production", tokens, devices),
            "apns_sandbox": _apns("sandbox", tokens, devices),
            "fcm": FcmJudge(accounts=_google(files), token_uri=token_uri),
            "hms": _huawei(files),
            "web_push": web_push,
            "wns": WnsJudge(secrets={own.WNS_SID: files.wns_secret.read_text()}),
        }
        return cls(by_name=by_name, apns_tokens=tokens, web_push=web_push)


def _apns(environment: str, tokens: ProviderTokens, devices: Devices) -> ApnsJudge:
    return ApnsJudge(
        name="apns" if environment == "production" else "apns_sandbox",
        environment=environment,
        tokens=tokens,
        bundles={own.TEAM: (own.TOPIC,)},
        devices=devices,
    )


def _google(files: Credentials) -> dict[str, Account]:
    said = json.loads(files.fcm_account.read_bytes())
    account = Account(
        email=said["client_email"],
        project=said["project_id"],
        public=rsa_key(said["private_key"]).public_key(),
        key_id=said["private_key_id"],
    )
    return {account.email: account}


def _huawei(files: Credentials) -> HmsJudge:
    said = json.loads(files.hms_account.read_bytes())
    account = HmsAccount(
        project=said["project_id"],
        name=said["sub_account"],
        key_id=said["key_id"],
        public=rsa_key(said["private_key"]).public_key(),
    )
    return HmsJudge(
        secrets={own.HMS_APP: files.hms_secret.read_text()},
        accounts={account.name: account},
    )
