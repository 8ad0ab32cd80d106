"""What is to be told of an application beside its credential, by provider: a table."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from procall_mobility.gateway.push.applications.registrations import Environment, Provider
from procall_mobility.protocols.push import apns, apple_keys, hms, vapid, wns
from procall_mobility.protocols.push.credentials import CredentialError


class OptionError(CredentialError):
    """Something that was told of an application, or was not, cannot be used."""

    def __init__(self, name: str, why: str) -> None:
        """Take the option, and what is said of it: a sentence that goes on after its name."""
        super().__init__(f"{name} {why}")
        self.name = name
        self.why = why


def matching(form: str) -> Callable[[str], object]:
    """Return what tells whether a whole value is of a form."""
    return re.compile(form).fullmatch


@frozen(kw_only=True)
class Option:
    """One thing that is told of an application, in a text."""

    name: str
    """An identifier; on the command line its underscores are hyphens."""
    help: str
    fits: Callable[[str], object] = bool
    """Tells whether a value can be used."""
    wrong: str = "is empty"
    """What is said of a value that does not."""
    choices: tuple[str, ...] = ()
    """All values there are, where they are few."""
    is_needed: bool = False
    default: str | None = None
    follows_credential: bool = False
    """Whether it belongs to the credential, and may change with it."""


TITLE: Final = Option(
    name="title",
    help="What is shown where the app did not get to say better.",
    fits=matching(apns.TITLE),
    wrong="is not of 1 to 100 characters",
    is_needed=True,
)

OPTIONS: Final[Mapping[Provider, tuple[Option, ...]]] = {
    Provider.APNS: (
        Option(
            name="topic", help="The bundle id.", fits=matching(apns.TOPIC),
            wrong="is no bundle id", is_needed=True,
        ),
        TITLE,
        Option(
            name="team", help="With a key (.p8): the team's id.",
            fits=matching(apple_keys.IDENTIFIER), wrong="is not ten capital letters and digits",
            follows_credential=True,
        ),
        Option(
            name="key_id", help="With a key (.p8): its id.",
            fits=matching(apple_keys.IDENTIFIER), wrong="is not ten capital letters and digits",
            follows_credential=True,
        ),
        Option(
            name="environment", help="Where its tokens are.",
            choices=tuple(each.value for each in Environment), default=Environment.PRODUCTION,
        ),
    ),
    Provider.FCM: (),
    Provider.HMS: (
        Option(
            name="system", help="What runs on the devices; harmony is HarmonyOS 5 and later.",
            choices=tuple(each.value for each in hms.System), is_needed=True,
        ),
        Option(
            name="id", help="The app's id, if not the client's or project's of the credential.",
            fits=matching(hms.IDENTIFIER), wrong="is not of up to 64 letters and digits",
        ),
        TITLE,
        Option(
            name="body", help="The text below the title.", fits=matching(hms.TEXT),
            wrong="is not of 1 to 100 characters", is_needed=True,
        ),
        Option(
            name="category", help="What Huawei has granted for messages.",
            fits=matching(hms.CATEGORY), wrong="is not of 1 to 32 capital letters and _",
            default="IM",
        ),
        Option(
            name="may_ring", help="Whether Huawei has granted calls, or data of high priority.",
            choices=("yes", "no"), default="no",
        ),
    ),
    Provider.WNS: (
        Option(
            name="title", fits=wns.is_title, wrong="is not of 1 to 100 characters that print",
            help="What a toast shows; without it, the app gets everything raw, as those with the "
            "Windows App SDK can.",
        ),
    ),
    Provider.WEBPUSH: (
        Option(
            name="subject", help="Where push services reach you: mailto:... or https://...",
            fits=vapid.is_subject, is_needed=True,
            wrong="is no mailbox (mailto:) or page (https:) at a name of the public DNS",
        ),
    ),
}  # fmt: skip
"""By provider, in the order in which they are missed."""


def options_of(provider: Provider, given: Mapping[str, str | None]) -> dict[str, str]:
    """Return what is told of an application, with defaults for what was not given (None).

    Raises:
        OptionError: something is missing, means nothing to this provider, or is malformed.
    """
    known = {each.name: each for each in OPTIONS[provider]}
    defaults = {name: each.default for name, each in known.items()}
    said = {name: value for name, value in given.items() if value is not None}
    told = {name: value for name, value in {**defaults, **said}.items() if value is not None}
    for name in told:
        if name not in known:
            raise OptionError(name, f"means nothing to {provider.value}")
    check(provider, told)
    return told


def check(provider: Provider, told: Mapping[str, str]) -> None:
    """Find out whether what was told of an application can be used.

    Raises:
        OptionError: it cannot.
    """
    for option in OPTIONS[provider]:
        value = told.get(option.name)
        if value is None:
            if option.is_needed:
                raise OptionError(option.name, f"is needed for {provider.value}")
        elif option.choices:
            if value not in option.choices:
                raise OptionError(option.name, f"is none of {', '.join(option.choices)}")
        elif not option.fits(value):
            raise OptionError(option.name, option.wrong)


def by_name() -> dict[str, list[tuple[Provider, Option]]]:
    """Return all options there are, each with the providers it is for."""
    found: dict[str, list[tuple[Provider, Option]]] = {}
    for provider, options in OPTIONS.items():
        for option in options:
            found.setdefault(option.name, []).append((provider, option))
    return found
