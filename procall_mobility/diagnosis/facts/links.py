"""Asks the daemon for links and for what became of those there are not."""

from collections import Counter

from attrs import frozen

from procall_mobility.config import Settings
from procall_mobility.diagnosis.facts.daemon import ask
from procall_mobility.diagnosis.facts.store import read
from procall_mobility.diagnosis.judgements.daemon import DaemonFacts
from procall_mobility.diagnosis.judgements.links import CustomerFacts, Trouble, troubles
from procall_mobility.operations.admin_answer import Answer


@frozen(kw_only=True)
class Links:
    """Of all customers."""

    customers: tuple[CustomerFacts, ...]
    strangers: tuple[Trouble, ...]


def look_at_links(settings: Settings, daemon: DaemonFacts) -> Links | None:
    """Ask for them; None where no daemon answers, or no store can be read."""
    if daemon.status is None:
        return None
    customers = read(settings, lambda store: store.all())
    if customers is None:
        return None
    told = list(troubles(Answer(ask(settings, "refusals"))))
    links = Counter(link["customer"].text for link in daemon.status["links"])
    # The youngest comes last, and is what counts.
    of = {ucsid: trouble for ucsid, trouble in told if ucsid is not None}
    return Links(
        customers=tuple(
            CustomerFacts(
                ucsid=each.ucsid,
                enabled=each.enabled,
                links=links[each.ucsid],
                trouble=of.get(each.ucsid),
            )
            for each in customers
        ),
        strangers=tuple(trouble for ucsid, trouble in told if ucsid is None),
    )
