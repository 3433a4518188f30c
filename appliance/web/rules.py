"""Alert rules: list, read, add, change, delete."""

from typing import Any

import msgspec
from aiohttp import web

from appliance.domain.ids import RuleId, new_id
from appliance.domain.severity import Severity
from appliance.store import queries, statements
from appliance.store.hours_form import hours_of_forms, words_of
from appliance.store.reader import newest_cursor
from appliance.web import answers
from appliance.web.body import body
from appliance.web.events import set_columns
from appliance.web.ports import Collaborators
from appliance.web.settings import WebSettings
from appliance.web.wire import NewRule, RuleChange


class RuleHandlers:
    """The handlers of alert rules."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        self._with = with_
        self._settings = settings

    async def list(self, _request: web.Request) -> web.Response:
        """List every rule, by name."""
        async with self._with.reader.read() as connection:
            return answers.of_list(await queries.rules(connection), await newest_cursor(connection))

    async def read(self, request: web.Request) -> web.Response:
        """Read one rule."""
        async with self._with.reader.read() as connection:
            text = await queries.rule(connection, _id(request))
            return answers.of_text(text, await newest_cursor(connection))

    async def add(self, request: web.Request) -> web.Response:
        """Add a rule; it counts for every event from now on."""
        values = _columns(await body(request, NewRule, self._settings))
        at_us = self._with.clock.wall_us()
        rule_id = RuleId(new_id(at_us))
        written = await self._with.writer.commit(lambda c: statements.add_rule(c, rule_id, values, at_us))
        response = answers.of_text(written.json, written.cursor, status=201)
        response.headers["Location"] = f"{request.path}/{rule_id}"
        return response

    async def change(self, request: web.Request) -> web.Response:
        """Change a rule; it counts for every event from now on."""
        values = _columns(await body(request, RuleChange, self._settings))
        rule_id, at_us = _id(request), self._with.clock.wall_us()
        written = await self._with.writer.commit(lambda c: statements.change_rule(c, rule_id, values, at_us))
        return answers.of_text(written.json, written.cursor)

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a rule; its alerts stay."""
        rule_id, at_us = _id(request), self._with.clock.wall_us()
        cursor = await self._with.writer.commit(lambda c: statements.delete_rule(c, rule_id, at_us))
        return answers.nothing(cursor)


def _id(request: web.Request) -> RuleId:
    return RuleId(request.match_info["rule_id"])


def _columns(form: NewRule | RuleChange) -> dict[str, Any]:
    """Return the columns that a body sets; what is a set is in order, so that equal rules are equal rows."""
    values = set_columns(form)
    for name in ("zones", "lines", "armed"):
        if values.get(name) is not None:
            values[name] = sorted(set(values[name]))
    if not isinstance(form.hours, msgspec.UnsetType):
        values["hours"] = [words_of(hours) for hours in hours_of_forms(form.hours)]
    if "min_severity" in values:
        values["min_severity"] = int(Severity.of_word(values["min_severity"]))
    return values
