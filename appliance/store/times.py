"""Wall times as text: ISO 8601 in UTC with milliseconds, the form of every message and answer."""

from datetime import UTC, datetime, timedelta

from appliance.domain.time import WallUs

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso_of_us(wall_us: int) -> str:
    """Return ``2026-11-23T15:04:05.123Z`` for microseconds since 1970, rounded as ``resources`` does."""
    rounded_ms = (wall_us + 500) // 1000
    moment = EPOCH + timedelta(milliseconds=rounded_ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{rounded_ms % 1000:03d}Z"


def us_of_iso(text: str) -> WallUs:
    """Return the microseconds since 1970 of an ISO 8601 time with a zone.

    Raises:
        ValueError: it is no such time, or says no zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"expected a time with its zone, such as 2026-11-23T15:04:05Z, got {text!r}")
    return WallUs((moment - EPOCH) // timedelta(microseconds=1))
