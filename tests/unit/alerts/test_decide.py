"""What a rule is for, and what it alerts for once."""

from dataclasses import replace

import pytest

from appliance.alerts.decide import dedup_key, satisfies
from appliance.domain.alert import Deduplication, Rule
from appliance.domain.ids import BatchId, CameraId, RuleId
from appliance.domain.severity import Severity
from tests.support.scenes import event
from tests.support.sightings import CAMERA

RULE = Rule(RuleId("r1"), "People")
CHAIN = BatchId("chain")
PERSON = event()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"labels": frozenset({"person", "car"})}, True),
        ({"labels": frozenset({"car"})}, False),
        ({"labels": frozenset()}, False),
        ({"cameras": frozenset({CAMERA})}, True),
        ({"cameras": frozenset({CameraId("garden")})}, False),
        ({"min_severity": Severity.MEDIUM}, True),
        ({"min_severity": Severity.HIGH}, False),
    ],
)
def test_what_a_rule_is_for(changes: dict[str, object], expected: bool) -> None:
    """Labels, cameras and severity must all fit; none named means all."""
    assert satisfies(PERSON, replace(RULE, **changes)) is expected  # type: ignore[arg-type]


def test_the_key_is_the_visit_or_the_chain() -> None:
    """Unique together with the rule, whichever the rule is about."""
    by_visit = replace(RULE, deduplication=Deduplication.VISIT)
    assert dedup_key(by_visit, PERSON, CHAIN) == PERSON.visit_id
    assert dedup_key(RULE, PERSON, CHAIN) == CHAIN
