"""What is drawn on the pictures of some cameras, by id: what a rule that names it can mean there."""

from typing import NamedTuple

from sqlalchemy import Connection

from appliance.domain.access import Sight


class Drawn(NamedTuple):
    """The ids of the zones and the lines of several cameras together."""

    zones: frozenset[str]
    lines: frozenset[str]


def drawn(connection: Connection, sight: Sight) -> Drawn:
    """Return what is drawn at the cameras that are seen."""
    among = sight.among()
    which = "1" if among is None else f"c.id IN ({', '.join('?' * len(among))})"
    found = {
        kind: connection.exec_driver_sql(
            f"SELECT DISTINCT one.value ->> 'id' FROM cameras AS c, json_each(c.scene, '$.{kind}') AS one "  # noqa: S608 - constants
            f"WHERE {which}",
            among or (),
        ).scalars()
        for kind in Drawn._fields
    }
    return Drawn(*(frozenset(map(str, found[kind])) for kind in Drawn._fields))
