"""Alert rules: list, read, add, change, delete."""

from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.domain.access import Sight
from appliance.domain.ids import RuleId, new_id
from appliance.domain.severity import Severity
from appliance.errors import NotFound
from appliance.store import queries, statements
from appliance.store.drawn import drawn
from appliance.store.hours_form import hours_of_forms, words_of
from appliance.store.reader import newest_cursor
from appliance.web import answers
from appliance.web.access import sight_of
from appliance.web.body import body
from appliance.web.events import set_columns
from appliance.web.ports import Collaborators
from appliance.web.seen import rule_seen
from appliance.web.settings import WebSettings
from appliance.web.wire import NewRule, RuleChange


class RuleHandlers:
    """The handlers of alert rules."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        self._with = with_
        self._settings = settings

    async def list(self, request: web.Request) -> web.Response:
        """List every rule that can alert for a camera that is seen, by name."""
        async with self._with.reader.read() as connection:
            rules = await _seen(connection, await queries.rules(connection), sight_of(request))
            return answers.of_list(rules, await newest_cursor(connection))

    async def read(self, request: web.Request) -> web.Response:
        """Read one rule, as far as it is about cameras that are seen."""
        async with self._with.reader.read() as connection:
            text = await queries.rule(connection, _id(request))
            seen = await _seen(connection, [text], sight_of(request))
            if not seen:
                raise NotFound(f"there is no rule {_id(request)!r}")
            return answers.of_text(seen[0], await newest_cursor(connection))

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


async def _seen(connection: AsyncConnection, rules: list[str], sight: Sight) -> list[str]:
    """Return what is left of rules for whoever sees these cameras."""
    if sight.cameras is None:
        return rules
    there = await connection.run_sync(drawn, sight)
    return [seen for rule in rules if (seen := rule_seen(rule, sight, there)) is not None]


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
