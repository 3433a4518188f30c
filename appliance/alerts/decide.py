"""Whether an event is what a rule is for. Pure."""

from appliance.domain.alert import Deduplication, Rule
from appliance.domain.event import Event
from appliance.domain.ids import BatchId


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
