"""The decisions of one camera about its alerts: which of the owner's rules an event comes to satisfy."""

from collections.abc import Iterable, Sequence

from appliance.alerts.decide import dedup_key, satisfies
from appliance.alerts.ledger import AlertMemory, Ledger
from appliance.domain.alert import Alert, Rule
from appliance.domain.event import Event, EventState
from appliance.domain.ids import AlertId, BatchId, EventId, RuleId, derived_id
from appliance.domain.time import WallUs, seconds_between

Fits = frozenset[RuleId]


class AlertDesk:
    """Alerts when an event comes to satisfy a rule: at its creation, or in the frame that does it.

    What a cooldown swallowed is not made up for later, and a rule made or changed meanwhile does not look
    back. It is told all times and reads no clock.

    Args:
        rules: every rule of the owner's, in any order.
        memory: the alerts that the camera has made already.
    """

    def __init__(self, rules: Sequence[Rule], memory: AlertMemory) -> None:
        self._rules = tuple(rules)
        self._ledger = Ledger(memory)
        # Which rules each open event satisfied when it was looked at last.
        self._fits: dict[EventId, Fits] = {}

    def judge(self, event: Event, chain_id: BatchId, at: WallUs) -> tuple[Alert, ...]:
        """Return the alerts that an event's newest state makes, at most one for each rule.

        Args:
            event: as an analysed frame, or its absence, left it.
            chain_id: of the event's batch.
            at: the time of that frame, the alerts' creation.
        """
        before = self._fits.get(event.id, Fits())
        fits = self._fitting(event, self._rules)
        if event.state is EventState.OPEN:
            self._fits[event.id] = fits
        else:
            self._fits.pop(event.id, None)
        came = fits - before
        if not came:
            return ()
        return tuple(
            alert
            for rule in self._rules
            if rule.id in came
            for alert in self._alerts(rule, event, chain_id, at)
        )

    def set_rules(self, rules: Sequence[Rule], standing: Iterable[Event]) -> None:
        """Go by other rules from now on; what the open events satisfy already makes no alert.

        Args:
            rules: every rule of the owner's.
            standing: the newest state of every open event.
        """
        unchanged = frozenset(rule.id for rule in rules if rule in self._rules)
        others = [rule for rule in rules if rule.id not in unchanged]
        self._rules = tuple(rules)
        self._fits = {
            event.id: (self._fits.get(event.id, Fits()) & unchanged) | self._fitting(event, others)
            for event in standing
        }

    def tidy(self, living: Iterable[str]) -> None:
        """Forget the alerts of visits and chains that are not among these, when there are many."""
        if self._ledger.is_long:
            self._ledger.keep(living)

    @property
    def is_crowded(self) -> bool:
        """So many alerts are remembered that ``tidy`` is worth its while."""
        return self._ledger.is_long

    def _fitting(self, event: Event, rules: Sequence[Rule]) -> Fits:
        return Fits(rule.id for rule in rules if satisfies(event, rule))

    def _alerts(self, rule: Rule, event: Event, chain_id: BatchId, at: WallUs) -> list[Alert]:
        key = dedup_key(rule, event, chain_id)
        if self._ledger.has_alert(rule.id, event.visit_id, key) or self._cools_down(rule, at):
            return []
        alert = _alert(rule, event, key, at)
        self._ledger.note(alert)
        return [alert]

    def _cools_down(self, rule: Rule, at: WallUs) -> bool:
        last_us = self._ledger.last_alert_us(rule.id) if rule.cooldown_s > 0 else None
        # An alert from the future is one from before the clock was put back: it says nothing about this one.
        return last_us is not None and 0 <= seconds_between(last_us, at) < rule.cooldown_s


def _alert(rule: Rule, event: Event, key: str, at: WallUs) -> Alert:
    return Alert(
        id=AlertId(derived_id(at, rule.id, event.visit_id, key)),
        rule_id=rule.id,
        rule_name=rule.name,
        event_id=event.id,
        batch_id=event.batch_id,
        camera_id=event.camera_id,
        visit_id=event.visit_id,
        label=event.label,
        severity=event.severity,
        created_us=at,
        summary=event.summary,
        dedup_key=key,
    )
