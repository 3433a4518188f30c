"""Where objects stood at a camera, for whoever draws zones on its picture."""

from aiohttp import web
from sqlalchemy import Connection

from appliance.domain.ids import CameraId
from appliance.errors import NotFound
from appliance.store import footage
from appliance.store.footpoints import Footpoint as Point
from appliance.store.footpoints import footpoints
from appliance.store.times import iso_of_us
from appliance.web import answers
from appliance.web.body import query
from appliance.web.ports import Collaborators
from appliance.web.times import Times, range_of
from appliance.web.wire import Footpoint, FootpointQuery, Footpoints

LONGEST_S = 86_400.0


class FootpointHandlers:
    """The handler of foot points."""

    def __init__(self, with_: Collaborators) -> None:
        self._with = with_

    async def read(self, request: web.Request) -> web.Response:
        """Read where objects stood at a camera in up to a day: at most 2000 points, evenly spread."""
        asked = query(request.query, FootpointQuery)
        range_ = range_of(asked.from_, asked.to, LONGEST_S)
        camera_id = CameraId(request.match_info["camera_id"])
        points = await self._with.reader.ask(lambda connection: _read(connection, camera_id, range_))
        return answers.of_struct(Footpoints([_wire(point) for point in points]))


def _read(connection: Connection, camera_id: CameraId, range_: Times) -> list[Point]:
    if not footage.is_known_camera(connection, camera_id):
        raise NotFound(f"there is no camera {camera_id!r}")
    return footpoints(connection, camera_id, range_.from_us, range_.to_us)


def _wire(point: Point) -> Footpoint:
    return Footpoint(iso_of_us(point.at_us), point.track_id, point.label, point.x, point.y)
