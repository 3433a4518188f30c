"""The history of settings that events and alerts depend on: list it, and undo a change."""

from aiohttp import web

from appliance.domain.access import Sight
from appliance.errors import NotFound
from appliance.store import queries, statements
from appliance.store.arm_form import ARM
from appliance.store.reader import newest_cursor
from appliance.store.setting_history import of_camera
from appliance.web import answers, page_token
from appliance.web.access import sight_of
from appliance.web.body import no_body, query
from appliance.web.ports import Collaborators
from appliance.web.wire import SettingChangeQuery

LARGEST_ID = 2**63 - 1


class SettingChangeHandlers:
    """The handlers of changes of settings."""

    def __init__(self, with_: Collaborators) -> None:
        self._with = with_

    async def list(self, request: web.Request) -> web.Response:
        """List changes of settings, newest first.

        Who does not see all cameras sees those of their own ones and of the arm hours: a rule's may name
        cameras and zones that are not theirs.
        """
        asked = query(request.query, SettingChangeQuery)
        after, subjects = page_token.read(asked.page), _subjects(asked.subject, sight_of(request))
        row = None if after is None else page_token.row_of(after)
        async with self._with.reader.read() as connection:
            rows = await queries.setting_changes(connection, subjects, asked.limit + 1, row)
            return answers.of_page(rows, asked.limit, await newest_cursor(connection))

    async def undo(self, request: web.Request) -> web.Response:
        """Set what a change changed back to what it was; that is a change itself, which is answered."""
        await no_body(request)
        change_id = _id(request)
        at_us = self._with.clock.wall_us()
        undone = await self._with.writer.commit(lambda c: statements.undo_setting(c, change_id, at_us))
        async with self._with.reader.read() as connection:
            text = await queries.setting_change(connection, undone.id)
        return answers.of_text(text, undone.cursor)


def _subjects(asked: str | None, sight: Sight) -> tuple[str, ...] | None:
    """Return the subjects that are asked for and may be seen; ``None`` for all there are."""
    if sight.cameras is None:
        return None if asked is None else (asked,)
    seen = (ARM, *map(of_camera, sorted(sight.cameras)))
    return tuple(one for one in seen if asked in {None, one})


def _id(request: web.Request) -> int:
    """Return the change's number.

    Raises:
        NotFound: it is none.
    """
    text = request.match_info["change_id"]
    if not text.isascii() or not text.isdigit() or int(text) > LARGEST_ID:
        raise NotFound(f"there is no change {text!r}")
    return int(text)
