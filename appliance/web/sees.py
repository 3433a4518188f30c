"""What a route shows of cameras, and the check that nobody learns of one that may not be seen.

A camera that may not be seen does not exist: what is its own is answered like what is missing, in the same
words, before the handler is reached. Whoever sees every camera is not looked up at all.
"""

import functools
import re
from enum import StrEnum

from aiohttp import web

from appliance.domain.ids import CameraId
from appliance.errors import NotFound, Refused
from appliance.store.owners import owner_of
from appliance.store.reader import Reader
from appliance.web.access import Principal


class Sees(StrEnum):
    """What of cameras is in a route's question or answer.

    ``CAMERA`` and the five after it are checked here, by the id in the path. ``FILTERED`` is a promise of the
    handler: it lets whoever asks see what their sight allows and nothing else. ``ALL`` speaks of all cameras
    together, in sums or settings that cannot be parted, and is for those who see them all.
    """

    NOTHING = "nothing"
    CAMERA = "camera"
    EVENT = "event"
    BATCH = "batch"
    ALERT = "alert"
    SEGMENT = "segment"
    EXPORT = "export"
    FILTERED = "filtered"
    ALL = "all"


OWNED = (Sees.CAMERA, Sees.EVENT, Sees.BATCH, Sees.ALERT, Sees.SEGMENT, Sees.EXPORT)
"""What belongs to one camera, and is named in the path by its id."""

_NAMED = re.compile(r"{(" + "|".join(OWNED) + r")_id}")


def expect_declared(name: str, path: str, sees: Sees | None, *, is_page: bool) -> Sees:
    """Return what a route declares, if that can be true.

    The page's screens are the same file for everybody, whatever their addresses name.

    Raises:
        ValueError: it declares nothing, or another thing than its path names.
    """
    if sees is None:
        raise ValueError(f"{name}: expected a declaration of what it shows of cameras, got none")
    named = _NAMED.findall(path)
    fits = [sees.value] == named if sees in OWNED else not named or sees is Sees.ALL or is_page
    if not fits:
        raise ValueError(f"{name}: expected it to declare {named or 'nothing of one camera'}, got {sees}")
    return sees


class SightCheck:
    """Looks at the sight of whoever asks, before the handler does anything."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def check(self, sees: Sees, request: web.Request, principal: Principal) -> None:
        """Let pass whoever may see what the route shows.

        Raises:
            NotFound: what the path names is not there, or belongs to a camera that is not seen.
            Refused: it takes the sight of all cameras.
        """
        if principal.sight.cameras is None:
            return
        if sees is Sees.ALL:
            raise Refused("this speaks of all cameras together, and is for those who see them all")
        if sees not in OWNED:
            return
        row_id = request.match_info[f"{sees}_id"]
        owner = await self._owner(sees, row_id)
        if owner is None or not principal.sight.sees(owner):
            raise NotFound(f"there is no {sees} {row_id!r}")

    async def _owner(self, sees: Sees, row_id: str) -> CameraId | None:
        """Return the camera that it belongs to; ``None`` where there is no such thing."""
        if sees is Sees.CAMERA:
            return CameraId(row_id)
        wanted = row_id.removesuffix(".mp4") if sees is Sees.SEGMENT else row_id
        return await self._reader.ask(functools.partial(owner_of, kind=sees.value, row_id=wanted))
