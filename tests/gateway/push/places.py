"""Applications whose tokens name places: the port `Routes`, with lanes on demand."""

from attrs import define, field

from procall_mobility.gateway.push.ports import QueuedPush
from tests.gateway.push.fakes import Apps


@define
class Places(Apps):
    """Of some applications each token is a place, and its lane `app@token`; others are fixed."""

    families: set[str] = field(factory=lambda: {"web"})

    def lane(self, push: QueuedPush) -> str | None:
        standing = super().lane(push)
        if standing is not None or push.app not in self.families:
            return standing
        return f"{push.app}@{push.notification.token}"

    def serves(self, lane: str) -> bool:
        return super().serves(lane) or lane.partition("@")[0] in self.families
