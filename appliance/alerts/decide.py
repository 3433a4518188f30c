"""The decision whether an event's change makes an alert. Pure; asked inside the writer's transaction."""

from collections.abc import Iterable
from typing import Protocol

from appliance.domain.alert import Alert, Deduplication, Rule
from appliance.domain.event import Event
from appliance.domain.ids import AlertId, BatchId, CameraId, IdSource, RuleId, VisitId
from appliance.domain.time import WallUs, seconds_between


class History(Protocol):
    """The alerts made so far, as the transaction at hand sees them."""

    def last_alert_us(self, rule_id: RuleId, camera_id: CameraId) -> WallUs | None:
        """Return when the rule made its latest alert at that camera; ``None`` for never."""
        ...

    def has_alert(self, rule_id: RuleId, visit_id: VisitId, dedup_key: str) -> bool:
        """Return whether the rule has an alert with that visit or with that key."""
        ...


def decide(
    event: Event,
    previous: Event | None,
    chain_id: BatchId,
    rules: Iterable[Rule],
    history: History,
    at: WallUs,
    new_id: IdSource,
) -> tuple[Alert, ...]:
    """Return the alerts that an event's change makes, at most one for each rule.

    A rule alerts when the event comes to satisfy it: at its creation, or with the change that does it. What
    the cooldown swallowed is not made up for later, and a rule made or changed meanwhile does not look back.

    Args:
        event: its newest state.
        previous: the event before the change; ``None`` at its creation.
        chain_id: of the event's batch.
        rules: every rule of the owner's, in any order.
        history: must see the alerts that this transaction has made already.
        at: wall time of the change, the alerts' creation.
        new_id: names the alerts.
    """
    return tuple(
        _alert(rule, event, chain_id, at, new_id)
        for rule in rules
        if satisfies(event, rule)
        and not (previous is not None and satisfies(previous, rule))
        and not _is_known(rule, event, chain_id, history)
        and not _cools_down(rule, event, history, at)
    )


def satisfies(event: Event, rule: Rule) -> bool:
    """Return whether an event is what an enabled rule is for; cooldown and repetition apart."""
    return (
        rule.enabled
        and (rule.labels is None or event.label in rule.labels)
        and (rule.cameras is None or event.camera_id in rule.cameras)
        and event.severity >= rule.min_severity
    )


def dedup_key(rule: Rule, event: Event, chain_id: BatchId) -> str:
    """Return what the rule alerts for at most once: the visit's id, or that of the chain of batches.

    Unique together with the rule. Ids of visits and chains never coincide, so that a rule whose
    deduplication is changed collides with none of its older alerts.
    """
    return event.visit_id if rule.deduplication is Deduplication.VISIT else chain_id


def _is_known(rule: Rule, event: Event, chain_id: BatchId, history: History) -> bool:
    return history.has_alert(rule.id, event.visit_id, dedup_key(rule, event, chain_id))


def _cools_down(rule: Rule, event: Event, history: History, at: WallUs) -> bool:
    last_us = history.last_alert_us(rule.id, event.camera_id) if rule.cooldown_s > 0 else None
    # An alert from the future is one from before the clock was put back: it says nothing about this one.
    return last_us is not None and 0 <= seconds_between(last_us, at) < rule.cooldown_s


def _alert(rule: Rule, event: Event, chain_id: BatchId, at: WallUs, new_id: IdSource) -> Alert:
    return Alert(
        id=AlertId(new_id(at)),
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
        dedup_key=dedup_key(rule, event, chain_id),
    )
