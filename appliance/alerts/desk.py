"""The decisions of one camera about its alerts: which of the owner's rules an event comes to satisfy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from appliance.alerts.conditions import Situation, clock_words
from appliance.alerts.decide import Asked, asked, dedup_key, is_near, satisfies, trace
from appliance.alerts.ledger import AlertMemory, Ledger
from appliance.domain.alert import Alert, Deduplication, Rule
from appliance.domain.event import Event, EventState
from appliance.domain.ids import AlertId, BatchId, CandidateId, EventId, RuleId, derived_id
from appliance.domain.scene import EMPTY_SCENE, Scene
from appliance.domain.time import WallUs, seconds_between, wall_after
from appliance.domain.trace import Candidate, Suppressed, TraceStep

Fits = frozenset[RuleId]
Steps = tuple[TraceStep, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an event's newest state makes.

    Attributes:
        alerts: at most one for each rule.
        candidates: with its end, the alerts that it nearly made; at most one for each rule.
    """

    alerts: tuple[Alert, ...] = ()
    candidates: tuple[Candidate, ...] = ()


NOTHING = Judgement()


class AlertDesk:
    """Alerts when an event comes to satisfy a rule: at its creation, or in the frame that does it.

    What a cooldown swallowed is not made up for later, and a rule made or changed meanwhile does not look
    back. It is told all times and reads no clock.

    Args:
        rules: every rule of the owner's, in any order.
        memory: the alerts that the camera has made already.
        scene: what is drawn on the camera's picture.
    """

    def __init__(self, rules: Sequence[Rule], memory: AlertMemory, scene: Scene = EMPTY_SCENE) -> None:
        self._rules = tuple(rules)
        self._scene = scene
        self._asked = _asked(self._rules, scene)
        self._ledger = Ledger(memory)
        # Which rules each open event satisfied when it was looked at last.
        self._fits: dict[EventId, Fits] = {}
        # Of the open events, what kept those rules silent that they have come to satisfy.
        self._held: dict[EventId, dict[RuleId, Steps]] = {}

    def judge(self, event: Event, chain_id: BatchId, situation: Situation) -> Judgement:
        """Return the alerts that an event's newest state makes, and with its end those that it nearly made.

        Args:
            event: as an analysed frame, or its absence, left it.
            chain_id: of the event's batch.
            situation: its time is that of the frame, and the alerts' creation.
        """
        before = self._fits.get(event.id, Fits())
        fits = self._fitting(event, self._rules, situation)
        is_open = event.state is EventState.OPEN
        if is_open:
            self._fits[event.id] = fits
        else:
            self._fits.pop(event.id, None)
        if is_open and fits <= before:
            return NOTHING
        came = fits - before
        alerts = tuple(
            alert
            for rule in self._rules
            if rule.id in came
            for alert in self._alerts(rule, event, chain_id, situation)
        )
        return Judgement(alerts, () if is_open else self._missed(event, situation))

    def reconsider(self, before: Event, event: Event, chain_id: BatchId, situation: Situation) -> Judgement:
        """Return the alerts that an event makes which was over already, now that more is known of it.

        Only those rules alert that it satisfies now and did not before: what a cooldown swallowed is not made
        up for here either, and no alert is taken back.
        """
        came = self._fitting(event, self._rules, situation) - self._fitting(before, self._rules, situation)
        alerts = tuple(
            alert
            for rule in self._rules
            if rule.id in came
            for alert in self._alerts(rule, event, chain_id, situation)
        )
        # It has been told already what it nearly alerted for.
        self._held.pop(event.id, None)
        return Judgement(alerts)

    def take_over(self, standing: Iterable[Event], situation: Situation) -> None:
        """Go on with open events of a former run: what they satisfy already makes no alert.

        Those that they made are in the memory; what a cooldown swallowed is not made up for.
        """
        self._fits = {event.id: self._fitting(event, self._rules, situation) for event in standing}

    def configure(
        self, rules: Sequence[Rule], scene: Scene, standing: Iterable[Event], situation: Situation
    ) -> None:
        """Go by other rules or in another situation; what the open events satisfy already makes no alert.

        Args:
            rules: every rule of the owner's.
            scene: what is drawn on the camera's picture.
            standing: the newest state of every open event.
            situation: as it is from now on.
        """
        unchanged = frozenset(rule.id for rule in rules if rule in self._rules)
        self._rules, self._scene = tuple(rules), scene
        self._asked = _asked(self._rules, scene)
        self._fits = {
            event.id: (self._fits.get(event.id, Fits()) & unchanged)
            | self._fitting(event, self._rules, situation)
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

    def _fitting(self, event: Event, rules: Sequence[Rule], situation: Situation) -> Fits:
        return Fits([rule.id for rule in rules if satisfies(event, rule, self._asked[rule.id], situation)])

    def _alerts(self, rule: Rule, event: Event, chain_id: BatchId, situation: Situation) -> list[Alert]:
        key = dedup_key(rule, event, chain_id)
        if self._has_alerted(rule, event):
            return []
        repeat = self._ledger.has_alert(rule.id, event.visit_id, key)
        last_us = self._cooling_since(rule, situation.at)
        steps = (
            *trace(event, rule, self._asked[rule.id], situation),
            _repeat_step(rule, passed=not repeat),
            *_cooldown_steps(rule, last_us, situation),
        )
        if repeat or last_us is not None:
            self._held.setdefault(event.id, {}).setdefault(rule.id, steps)
            return []
        alert = _alert(rule, event, key, situation.at, steps)
        self._ledger.note(alert)
        return [alert]

    def _missed(self, event: Event, situation: Situation) -> tuple[Candidate, ...]:
        """Return the alerts that an event nearly made, now that it is over."""
        held = self._held.pop(event.id, {})
        missed = []
        for rule in self._rules:
            if self._has_alerted(rule, event):
                continue
            steps = held.get(rule.id) or trace(event, rule, self._asked[rule.id], situation)
            if rule.id in held or is_near(steps):
                missed.append(_candidate(rule, event, steps))
        return tuple(missed)

    def _has_alerted(self, rule: Rule, event: Event) -> bool:
        return self._ledger.has_alert(rule.id, event.visit_id, event.visit_id)

    def _cooling_since(self, rule: Rule, at: WallUs) -> WallUs | None:
        """Return when the rule made the alert that keeps it silent still; ``None`` where none does."""
        last_us = self._ledger.last_alert_us(rule.id) if rule.cooldown_s > 0 else None
        # An alert from the future is one from before the clock was put back: it says nothing about this one.
        is_recent = last_us is not None and 0 <= seconds_between(last_us, at) < rule.cooldown_s
        return last_us if is_recent else None


def _asked(rules: Iterable[Rule], scene: Scene) -> dict[RuleId, Asked]:
    return {rule.id: asked(rule, scene) for rule in rules}


def _repeat_step(rule: Rule, *, passed: bool) -> TraceStep:
    if rule.deduplication is Deduplication.VISIT:
        return TraceStep("repeat", passed, "first alert of this visit")
    words = "first alert of these goings-on" if passed else "these goings-on have made an alert already"
    return TraceStep("repeat", passed, words)


def _cooldown_steps(rule: Rule, last_us: WallUs | None, situation: Situation) -> list[TraceStep]:
    if rule.cooldown_s <= 0:
        return []
    passed = last_us is None
    words = f"no alert of rule {rule.name} in the last {rule.cooldown_s:.0f} s"
    if last_us is not None:
        until = clock_words(wall_after(last_us, rule.cooldown_s), situation.zone)
        words = f"cool-down of rule {rule.name} until {until}"
    return [TraceStep("cooldown", passed, words)]


def _alert(rule: Rule, event: Event, key: str, at: WallUs, steps: Steps) -> Alert:
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
        trace=steps,
    )


def _candidate(rule: Rule, event: Event, steps: Steps) -> Candidate:
    return Candidate(
        id=CandidateId(derived_id(event.started_us, "candidate", rule.id, event.id)),
        what=Suppressed.ALERT,
        camera_id=event.camera_id,
        track_id=event.track_id,
        label=event.label,
        started_us=event.started_us,
        last_seen_us=event.last_seen_us,
        score=event.score,
        box=event.box,
        reason=next(step.detail for step in steps if not step.passed),
        trace=steps,
        event_id=event.id,
        rule_id=rule.id,
    )
