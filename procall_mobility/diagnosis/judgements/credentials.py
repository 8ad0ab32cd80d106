"""Whether the credentials of applications can be used."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from procall_mobility.diagnosis.findings import Finding, ok, wrong

CREDENTIALS = "push-credentials"


@frozen(kw_only=True)
class CredentialFacts:
    """The credential of an application, and why it cannot be used, if that is so."""

    channel: str
    customer: str | None
    provider: str
    file: str
    problem: str | None


def judge_credentials(credentials: Iterable[CredentialFacts]) -> Iterator[Finding]:
    """Judge each."""
    credentials = list(credentials)
    bad = [each for each in credentials if each.problem is not None]
    for each in bad:
        option = f" --customer {each.customer}" if each.customer else ""
        yield wrong(
            CREDENTIALS,
            "push-credential",
            f"The credential of {each.channel}, {each.file}, cannot be used: {each.problem}.",
            f"`procall-mobility push app rotate {each.channel}{option} --credential-file FILE`"
            " takes another; the daemon's account has to be able to read it.",
        )
    if credentials and not bad:
        whose = f"s of all {len(credentials)} applications are" if credentials[1:] else " is"
        yield ok(CREDENTIALS, f"The credential{whose} good.")
