"""What one lane is told: what keeps it healthy, and how much it holds."""

from attrs import field, frozen

from procall_mobility.gateway.push.lane.health import HealthRules
from procall_mobility.gateway.push.lane.outbox import OutboxRules


@frozen(kw_only=True)
class LaneRules:
    """Of one lane."""

    health: HealthRules = field(factory=HealthRules)
    outbox: OutboxRules = field(factory=OutboxRules)
