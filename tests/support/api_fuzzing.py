"""Asks a running service what its OpenAPI document allows and what it does not; looks at every answer."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from appliance.runtime.clock import SystemClock, seconds_since

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
"""Its status is declared, and so are its media type and the form of its body."""
UNAVAILABLE = 503
FOR_NOW = ("camera-failure", "overloaded", "unavailable")
"""The problems of that status that a healthy service may answer with: no other 5xx is right."""
MOST_FINDINGS = 20
Decorator = Callable[[Callable[..., None]], Callable[..., None]]
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
ANSWER_S = 30.0


@dataclass
class Report:
    """What came of it.

    Attributes:
        statuses: how often each status was answered.
        asked: how often each operation was asked.
        findings: answers that no client could have expected, each with the request that makes it again.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)


class ApiFuzzer:
    """Asks every operation in turn, with a few requests at a time, until its time is over.

    Args:
        url: of the service.
        known: ids that there are, by the name of the path's parameter: half of the requests name one of them.
        headers: sent with every request.
        skipped: operations that are not asked, by method and path.
    """

    def __init__(
        self,
        url: str,
        known: Mapping[str, Sequence[str]],
        headers: Mapping[str, str] | None = None,
        skipped: frozenset[str] = frozenset(),
    ) -> None:
        self._url = url
        self._known = known
        self._http = requests.Session()
        self._http.headers.update(headers or {})
        self._document = self._http.get(f"{url}/api/v1/openapi.json", timeout=ANSWER_S).json()
        self._skipped = skipped
        self.report = Report()

    def run(self, seconds: float, seed: int, at_once: int = 4) -> Report:
        """Ask for so long; the same seed asks the same as far as the time allows."""
        clock = SystemClock()
        started = clock.monotonic_ns()
        for turn, operation in enumerate(cycle(list(self._operations()))):
            if seconds_since(clock, started) >= seconds or len(self.report.findings) >= MOST_FINDINGS:
                return self.report
            self._ask(operation, hypothesis.seed(seed + turn), at_once)
        return self.report

    def _operations(self) -> Iterator[Any]:
        schema = schemathesis.openapi.from_dict(self._document)
        schema.config.generation.update(modes=MODES)
        for result in schema.get_all_operations():
            assert isinstance(result, Ok), result
            operation = result.ok()
            if f"{operation.method.upper()} {operation.path}" not in self._skipped:
                yield operation

    def _ask(self, operation: Any, seeded: Decorator, at_once: int) -> None:
        modes = st.sampled_from(MODES).flatmap(lambda mode: operation.as_strategy(generation_mode=mode))

        @seeded
        @hypothesis.settings(
            max_examples=at_once,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=modes, chosen=st.randoms(use_true_random=False))
        def ask_one(case: Any, chosen: Any) -> None:
            for name in case.path_parameters or {}:
                if self._known.get(name) and chosen.random() < 0.5:
                    case.path_parameters[name] = chosen.choice(self._known[name])
            self._look_at(operation, case)

        ask_one()

    def _look_at(self, operation: Any, case: Any) -> None:
        answer = case.call(base_url=self._url, session=self._http, timeout=ANSWER_S, allow_redirects=False)
        self.report.statuses[answer.status_code] += 1
        self.report.asked[operation.label] += 1
        is_for_now = answer.status_code == UNAVAILABLE and answer.json()["type"].endswith(FOR_NOW)
        checks = CHECKS if is_for_now else [not_a_server_error, *CHECKS]
        try:
            case.validate_response(answer, checks=checks)
        except FailureGroup as failures:
            said = "; ".join(f"{one.title}: {one.message}" for one in failures.exceptions)
            self.report.findings.append(f"{operation.label}: {said[:1500]}\n{case.as_curl_command()}")
