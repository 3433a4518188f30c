"""Whether an event is what a rule is for. Pure."""

from appliance.alerts.conditions import CONDITIONS, Situation, asked_of
from appliance.domain.alert import Deduplication, Rule
from appliance.domain.event import Event
from appliance.domain.ids import BatchId
from appliance.domain.scene import Scene
from appliance.domain.trace import TraceStep

Asked = tuple[int, ...]
"""Which conditions a rule has, by their places in ``CONDITIONS``: plain data, to be kept in a snapshot."""


def asked(rule: Rule, scene: Scene) -> Asked:
    """Return which conditions a rule has at a camera with that scene."""
    return tuple(CONDITIONS.index(condition) for condition in asked_of(rule, scene))


def satisfies(event: Event, rule: Rule, conditions: Asked, situation: Situation) -> bool:
    """Return whether an event is what a rule is for; cooldown and repetition apart."""
    # A loop: it is asked of each event, rule and frame, and a generator costs as much as the answer.
    for place in conditions:  # noqa: SIM110
        if not CONDITIONS[place].holds(event, rule, situation):
            return False
    return True


def trace(event: Event, rule: Rule, conditions: Asked, situation: Situation) -> tuple[TraceStep, ...]:
    """Return the answer of each condition, with the value that decided and its limit."""
    return tuple(CONDITIONS[place].step(event, rule, situation) for place in conditions)


def is_near(steps: tuple[TraceStep, ...]) -> bool:
    """Return whether an event came near to a rule: all but one thing is true, and it is what that is about.

    A rule that is about people has not nearly alerted for a car.
    """
    failed = [step.name for step in steps if not step.passed]
    aims = {condition.name for condition in CONDITIONS if condition.is_aim}
    return len(failed) == 1 and failed[0] not in aims


def dedup_key(rule: Rule, event: Event, chain_id: BatchId) -> str:
    """Return what the rule alerts for at most once: the visit's id, or that of the chain of batches.

    Unique together with the rule. Ids of visits and chains never coincide, so that a rule whose
    deduplication is changed collides with none of its older alerts.
    """
    return event.visit_id if rule.deduplication is Deduplication.VISIT else chain_id
