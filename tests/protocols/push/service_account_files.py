"""The file of a service account."""

import json

from procall_mobility.protocols.push.service_accounts import ServiceAccount, service_account
from tests.protocols.push.pushes import pem, rsa_key

EMAIL = "push@procall-91.iam.gserviceaccount.com"
PRIVATE = pem(rsa_key()).decode()
FILE = {
    "type": "service_account",
    "project_id": "procall-91",
    "private_key_id": "0123456789abcdef",
    "private_key": PRIVATE,
    "client_email": EMAIL,
    "token_uri": "https://oauth2.googleapis.com/token",
}


def account(**changes: object) -> ServiceAccount:
    members = {name: value for name, value in (FILE | changes).items() if value is not None}
    return service_account(json.dumps(members).encode())
