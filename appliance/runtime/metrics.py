"""Counters and gauges, shown at ``/metrics`` in the Prometheus text format (version 0.0.4)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.domain.access import ALL_CAMERAS, Sight
from appliance.domain.ids import CameraId

LabelValues = tuple[str, ...]

CAMERA = "camera"
"""The label that names a camera by its id."""


@dataclass(slots=True)
class Metric:
    """One named family of numbers. Thread-safe."""

    name: str
    kind: str
    help: str
    label_names: tuple[str, ...] = ()
    _values: dict[LabelValues, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, amount: float = 1.0, *labels: str) -> None:
        """Add to the number of these label values."""
        with self._lock:
            self._values[labels] = self._values.get(labels, 0.0) + amount

    def set(self, value: float, *labels: str) -> None:
        """Set the number of these label values."""
        with self._lock:
            self._values[labels] = value

    def value(self, *labels: str) -> float:
        """Return the number of these label values; 0 when nothing was counted yet."""
        with self._lock:
            return self._values.get(labels, 0.0)

    def forget(self, *labels: str) -> None:
        """Drop the number of these label values, such as a deleted camera's."""
        with self._lock:
            self._values.pop(labels, None)

    def samples(self) -> list[tuple[LabelValues, float]]:
        """Return all numbers, sorted by label values."""
        with self._lock:
            return sorted(self._values.items())


class Metrics:
    """All metrics of one service; made once in ``compose`` and handed to the parts that count."""

    def __init__(self) -> None:
        self._metrics: dict[str, Metric] = {}
        self._collectors: list[Callable[[], None]] = []

    def counter(self, name: str, help_text: str, *label_names: str) -> Metric:
        """Return the counter of that name, made at the first call; its name ends in ``_total``."""
        return self._metrics.setdefault(name, Metric(name, "counter", help_text, label_names))

    def gauge(self, name: str, help_text: str, *label_names: str) -> Metric:
        """Return the gauge of that name, made at the first call."""
        return self._metrics.setdefault(name, Metric(name, "gauge", help_text, label_names))

    def on_collect(self, collector: Callable[[], None]) -> None:
        """Call ``collector`` before each exposition: it sets gauges that nobody updates as they change."""
        self._collectors.append(collector)

    def exposition(self, sight: Sight = ALL_CAMERAS) -> str:
        """Return every metric as Prometheus text; who does not see all cameras gets the figures of their own.

        What is counted of all cameras together is then left out.
        """
        for collector in self._collectors:
            collector()
        lines: list[str] = []
        for metric in sorted(self._metrics.values(), key=lambda m: m.name):
            if sight.cameras is not None and CAMERA not in metric.label_names:
                continue
            lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}"]
            for values, number in metric.samples():
                pairs = dict(zip(metric.label_names, values, strict=True))
                if CAMERA in pairs and not sight.sees(CameraId(pairs[CAMERA])):
                    continue
                labels = ",".join(f'{k}="{_escape(v)}"' for k, v in pairs.items())
                lines.append(f"{metric.name}{'{' + labels + '}' if labels else ''} {number:.17g}")
        return "\n".join(lines) + "\n"


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
