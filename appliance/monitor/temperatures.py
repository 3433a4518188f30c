"""The machine's temperature sensors: hwmon, and the thermal zones that hwmon does not show."""

from collections.abc import Iterator
from pathlib import Path

from appliance.monitor.host_stats import Temperature
from appliance.monitor.procfs import text_of

PLAUSIBLE_C = (-40.0, 150.0)
"""A sensor that is connected to nothing says something outside of it."""


def temperatures(sysfs: Path) -> list[Temperature]:
    """Return every sensor that answers. Blocks: some devices take their time."""
    found = list(_hwmon(sysfs))
    shown = {sensor.name.partition(" · ")[0] for sensor in found}
    return [*found, *(zone for zone in _zones(sysfs) if zone.name not in shown)]


def _hwmon(sysfs: Path) -> Iterator[Temperature]:
    for device in sorted(sysfs.glob("class/hwmon/hwmon*")):
        name = text_of(device / "name") or device.name
        for file in sorted(device.glob("temp*_input")):
            stem = file.name.removesuffix("_input")
            celsius = _celsius(file)
            if celsius is not None:
                label = text_of(device / f"{stem}_label")
                limit = _celsius(device / f"{stem}_crit") or _celsius(device / f"{stem}_max")
                yield Temperature(f"{name} · {label}" if label else name, celsius, limit)


def _zones(sysfs: Path) -> Iterator[Temperature]:
    for zone in sorted(sysfs.glob("class/thermal/thermal_zone*")):
        celsius = _celsius(zone / "temp")
        if celsius is not None:
            yield Temperature(text_of(zone / "type") or zone.name, celsius)


def _celsius(file: Path) -> float | None:
    text = text_of(file)
    try:
        celsius = int(text or "") / 1000
    except ValueError:
        return None
    return celsius if PLAUSIBLE_C[0] < celsius < PLAUSIBLE_C[1] else None
