"""Batches: list, read, review."""

from aiohttp import web

from appliance.domain.ids import BatchId
from appliance.store import queries, statements
from appliance.store.reader import newest_cursor
from appliance.web import answers
from appliance.web.access import sight_of
from appliance.web.body import body, query
from appliance.web.events import set_columns, severity_of, wanted_of
from appliance.web.ports import Collaborators
from appliance.web.settings import WebSettings
from appliance.web.wire import BatchChange, BatchQuery


class BatchHandlers:
    """The handlers of batches."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        self._with = with_
        self._settings = settings

    async def list(self, request: web.Request) -> web.Response:
        """List batches, newest first."""
        asked = query(request.query, BatchQuery)
        wanted = wanted_of(
            asked,
            sight=sight_of(request),
            cameras=tuple(asked.camera),
            states=tuple(asked.state),
            min_severity=severity_of(asked.severity),
            reviewed=asked.reviewed,
        )
        async with self._with.reader.read() as connection:
            rows = await queries.batches(connection, wanted)
            return answers.of_page(rows, asked.limit, await newest_cursor(connection))

    async def read(self, request: web.Request) -> web.Response:
        """Read one batch."""
        async with self._with.reader.read() as connection:
            text = await queries.batch(connection, _id(request))
            return answers.of_text(text, await newest_cursor(connection))

    async def change(self, request: web.Request) -> web.Response:
        """Set a batch's review mark."""
        change = await body(request, BatchChange, self._settings)
        batch_id = _id(request)
        values = set_columns(change)
        written = await self._with.writer.commit(lambda c: statements.change_batch(c, batch_id, values))
        return answers.of_text(written.json, written.cursor)


def _id(request: web.Request) -> BatchId:
    return BatchId(request.match_info["batch_id"])
