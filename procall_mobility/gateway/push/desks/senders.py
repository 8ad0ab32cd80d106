"""Servers that hand pushes in by an API of others, in which they show no credential.

So the operator says who they are: what they call themselves is mapped to a customer and one of
its applications, and whoever is not mapped is refused.
"""

import enum
from typing import Final

from attrs import frozen

ANY: Final = "*"
"""Ends a name that stands for all names that begin so."""


class Api(enum.StrEnum):
    """Whose API it is."""

    MATRIX = "matrix"
    MATTERMOST = "mattermost"


@frozen(kw_only=True)
class Sender:
    """What is sent in a name, and where that goes."""

    api: Api
    name: str
    """Matrix: the application's id (`app_id`).  Mattermost: the server's (`server_id`)."""
    platform: str = ""
    """Mattermost: whose phones, as in `apple_rn`."""
    ucsid: str
    """The customer whose quota it uses."""
    channel: str
    """The application's name."""
