"""Times in queries."""

from typing import NamedTuple

from appliance.domain.time import US_PER_S, WallUs
from appliance.store.times import us_of_iso
from appliance.web.problems import Kind, Rejected

LATEST_US = us_of_iso("9999-01-01T00:00:00Z")
"""What is asked for lies before: later times, and some of before 1970, cannot be said again in UTC."""


class Times(NamedTuple):
    """A range of wall time: from ``from_us``, before ``to_us``."""

    from_us: WallUs
    to_us: WallUs


def range_of(begin: str, end: str, longest_s: float) -> Times:
    """Return the range that a query or body names.

    Raises:
        Rejected: 422, one of them is no time, they are the wrong way round, or lie too far apart.
    """
    from_us, to_us = moment_of("from", begin), moment_of("to", end)
    if to_us <= from_us:
        raise Rejected(
            Kind.INVALID, "to: this is not after from", field="to", expected=f"after {begin}", got=end
        )
    expect_no_longer(from_us, to_us, longest_s)
    return Times(from_us, to_us)


def expect_no_longer(from_us: WallUs, to_us: WallUs, longest_s: float) -> None:
    """Make sure that a range is no longer than what may be asked for at once.

    Raises:
        Rejected: 422, it is.
    """
    lasts_s = (to_us - from_us) / US_PER_S
    if lasts_s > longest_s:
        raise Rejected(
            Kind.INVALID,
            "to: the range is too long; ask for it in parts",
            field="to",
            expected=f"at most {longest_s / 3600:g} h after from",
            got=f"{lasts_s / 3600:.1f} h",
        )


def moment_of(field: str, text: str) -> WallUs:
    """Return the wall time that a query has to name.

    Raises:
        Rejected: 422, it is no time with a zone.
    """
    moment = of_query(field, text)
    assert moment is not None, "only no text at all is no time"
    return moment


def of_query(field: str, text: str | None) -> WallUs | None:
    """Return the wall time that a query names, or ``None`` when it names none.

    Raises:
        Rejected: 422, it is no time with a zone.
    """
    if text is None:
        return None
    try:
        moment = us_of_iso(text)
    except ValueError as err:
        raise Rejected(
            Kind.INVALID,
            f"{field}: this is no time with a zone",
            field=field,
            expected="ISO 8601 with a zone, such as 2026-11-23T15:04:05Z",
            got=text,
        ) from err
    if not 0 <= moment < LATEST_US:
        raise Rejected(
            Kind.INVALID,
            f"{field}: nothing was ever recorded then",
            field=field,
            expected="a time from 1970 to 9998",
            got=text,
        )
    return moment
