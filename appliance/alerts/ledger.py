"""The alerts made so far at one camera, as far as they forbid others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from appliance.domain.alert import Alert
from appliance.domain.ids import RuleId, VisitId
from appliance.domain.time import WallUs

MANY = 64
"""So many alerts are remembered before it is looked which of them can be forgotten."""

Made = tuple[RuleId, str]
"""A rule, and the visit or the key that it has alerted for."""


@dataclass(frozen=True, slots=True)
class AlertMemory:
    """What the database holds of a camera's alerts at a start.

    Attributes:
        last_us: when each rule made its latest alert there, if that is not longer ago than any cooldown.
        made: the visits and keys of alerts, of all that may go on or grow.
    """

    last_us: Mapping[RuleId, WallUs] = field(default_factory=dict)
    made: frozenset[Made] = frozenset()


class Ledger:
    """Remembers when each rule alerted last and for what, for as long as that may matter."""

    def __init__(self, memory: AlertMemory) -> None:
        self._last_us = dict(memory.last_us)
        self._made = set(memory.made)

    @property
    def memory(self) -> AlertMemory:
        """What it knows now."""
        return AlertMemory(dict(self._last_us), frozenset(self._made))

    def last_alert_us(self, rule_id: RuleId) -> WallUs | None:
        """Return when the rule made its latest alert; ``None`` for never."""
        return self._last_us.get(rule_id)

    def has_alert(self, rule_id: RuleId, visit_id: VisitId, dedup_key: str) -> bool:
        """Return whether the rule has an alert with that visit or with that key."""
        return (rule_id, visit_id) in self._made or (rule_id, dedup_key) in self._made

    def note(self, alert: Alert) -> None:
        """Remember a new alert."""
        self._last_us[alert.rule_id] = alert.created_us
        self._made |= {(alert.rule_id, alert.visit_id), (alert.rule_id, alert.dedup_key)}

    @property
    def is_long(self) -> bool:
        """It is time to look what can be forgotten."""
        return len(self._made) > MANY

    def keep(self, living: Iterable[str]) -> None:
        """Forget what was alerted for, but for these visits and chains."""
        kept = frozenset(living)
        self._made = {made for made in self._made if made[1] in kept}
