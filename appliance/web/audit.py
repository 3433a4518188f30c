"""The audit log: who did what, newest first."""

from aiohttp import web

from appliance.store.audit import Kept, Sought
from appliance.store.queries import Position
from appliance.store.times import iso_of_us
from appliance.web import answers, page_token
from appliance.web.body import query
from appliance.web.ports import Collaborators
from appliance.web.times import of_query
from appliance.web.wire import AuditEntry, AuditQuery, Items


class AuditHandlers:
    """The handler of the audit log."""

    def __init__(self, with_: Collaborators) -> None:
        self._with = with_

    async def list(self, request: web.Request) -> web.Response:
        """List who did what, newest first."""
        asked = query(request.query, AuditQuery)
        after = page_token.read(asked.page)
        sought = Sought(
            asked.limit + 1,
            None if after is None else page_token.row_of(after),
            asked.who,
            asked.what,
            of_query("from", asked.from_),
            of_query("to", asked.to),
        )
        rows = await self._with.audit.entries(sought)
        shown = rows[: asked.limit]
        following = shown[-1] if len(rows) > asked.limit else None
        token = (
            None
            if following is None
            else page_token.write(Position(following.entry.at_us, str(following.id)))
        )
        return answers.of_struct(Items([_form(row) for row in shown], token))


def _form(row: Kept) -> AuditEntry:
    entry = row.entry
    return AuditEntry(
        id=row.id,
        at=iso_of_us(entry.at_us),
        who=entry.who,
        kind=entry.kind,
        address=entry.address,
        what=entry.what,
        subject=entry.subject,
        outcome=entry.outcome,
        detail=entry.detail,
    )
