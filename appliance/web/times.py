"""Times in queries."""

from appliance.domain.time import WallUs
from appliance.store.times import us_of_iso
from appliance.web.problems import Kind, Rejected


def of_query(field: str, text: str | None) -> WallUs | None:
    """Return the wall time that a query names, or ``None`` when it names none.

    Raises:
        Rejected: 422, it is no time with a zone.
    """
    if text is None:
        return None
    try:
        return us_of_iso(text)
    except ValueError as err:
        raise Rejected(
            Kind.INVALID,
            f"{field}: this is no time with a zone",
            field=field,
            expected="ISO 8601 with a zone, such as 2026-11-23T15:04:05Z",
            got=text,
        ) from err
