"""Targets of alerts: list, read, add, change, delete, test; and what became of each alert that was sent."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from appliance.domain.ids import TargetId, new_id
from appliance.errors import InvalidInput
from appliance.notifications.address import web_address
from appliance.notifications.outcome import Outcome, TroubleKind, Verdict
from appliance.notifications.target import key_of, merged, shown_of
from appliance.store import deliveries, queries, targets
from appliance.store.reader import newest_cursor
from appliance.web import answers, page_token
from appliance.web.access import sight_of
from appliance.web.body import body, no_body, query
from appliance.web.events import set_columns
from appliance.web.ports import Collaborators
from appliance.web.problems import Kind, Rejected
from appliance.web.settings import WebSettings
from appliance.web.wire import DeliveryQuery, NewTarget, TargetChange, TargetTrialResult

COLUMNS = ("name", "enabled")
"""What of a form is a column of its own; the rest are the target's settings."""

NEXT_STEP: Mapping[TroubleKind, str] = {
    "dns": "Check the host name, or write the IP address.",
    "refused": "Check the port, and that the program there runs.",
    "timeout": "Check that the machine is on and can be reached from this box.",
    "tls": "Check the certificate, or use http:// within your own network.",
    "unreachable": "Check the address and this box's network.",
    "protocol": "Check that a web server answers at this address.",
    "status": "Check the path, and the token or password.",
}
"""What a person can do about each kind of trouble."""


class TargetHandlers:
    """The handlers of targets and deliveries."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        self._with = with_
        self._settings = settings

    async def list(self, _request: web.Request) -> web.Response:
        """List every target, by name."""
        async with self._with.reader.read() as connection:
            return answers.of_list(await targets.targets(connection), await newest_cursor(connection))

    async def read(self, request: web.Request) -> web.Response:
        """Read one target."""
        async with self._with.reader.read() as connection:
            text = await targets.target(connection, _id(request))
            return answers.of_text(text, await newest_cursor(connection))

    async def add(self, request: web.Request) -> web.Response:
        """Add a target; it is sent every alert from now on, unless a rule says otherwise."""
        form = await body(request, NewTarget, self._settings)
        values, given = _parted(form)
        kind, now_us = values["kind"], self._with.clock.wall_us()
        settings = merged(kind, {}, given)
        values |= {"settings": settings, "shown": shown_of(kind, settings), "created_us": now_us}
        target_id = TargetId(new_id(now_us))
        written = await self._with.writer.commit(lambda c: targets.add_target(c, target_id, values))
        self._with.notifier.wake()
        response = answers.of_text(written.json, written.cursor, status=201)
        response.headers["Location"] = f"{request.path}/{target_id}"
        return response

    async def change(self, request: web.Request) -> web.Response:
        """Change a target; what waits for it is tried again at once."""
        values, given = _parted(await body(request, TargetChange, self._settings))
        target_id, now_us = _id(request), self._with.clock.wall_us()

        def merge(kind: str, present: dict[str, Any]) -> tuple[dict[str, Any], str]:
            settings = merged(kind, present, given)
            return settings, shown_of(kind, settings)

        written = await self._with.writer.commit(
            lambda c: targets.change_target(c, target_id, values, merge if given else None, now_us)
        )
        self._with.notifier.wake()
        return answers.of_text(written.json, written.cursor)

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a target, with what still waits for it and the record of what was sent there."""
        target_id = _id(request)
        cursor = await self._with.writer.commit(lambda c: targets.delete_target(c, target_id))
        self._with.notifier.wake()
        return answers.nothing(cursor)

    async def test(self, request: web.Request) -> web.Response:
        """Send a test to a target now, and say what came of it."""
        await no_body(request)
        return answers.of_struct(_in_words(await self._with.notifier.test(_id(request))))

    async def deliveries(self, request: web.Request) -> web.Response:
        """List what became of each alert that was to be sent, newest first."""
        asked = query(request.query, DeliveryQuery)
        wanted = queries.Wanted(
            limit=asked.limit + 1,
            after=page_token.read(asked.page),
            states=tuple(asked.state),
            sight=sight_of(request),
        )
        async with self._with.reader.read() as connection:
            rows = await deliveries.deliveries(connection, wanted, asked.target)
            return answers.of_page(rows, asked.limit, await newest_cursor(connection))


def _id(request: web.Request) -> TargetId:
    return TargetId(request.match_info["target_id"])


def _parted(form: msgspec.Struct) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a form's columns, and what of it are settings, checked one by one.

    Raises:
        Rejected: 422, it names the field; nothing of a secret is repeated.
    """
    given = set_columns(form)
    columns = {name: given.pop(name) for name in (*COLUMNS, "kind") if name in given}
    if "address" in given:
        given["address"] = _checked("address", web_address, given["address"])
    if given.get("secret") is not None:
        _checked("secret", key_of, given["secret"])
    return columns, given


def _checked(field: str, check: Callable[[str], Any], text: str) -> Any:
    try:
        return check(text)
    except InvalidInput as err:
        raise Rejected(Kind.INVALID, f"{field}: {err}", field=field) from err


def _in_words(outcome: Outcome) -> TargetTrialResult:
    if outcome.verdict is Verdict.DELIVERED:
        return TargetTrialResult(True, "The test was delivered.", None, outcome.status)
    reason = outcome.reason[:1].upper() + outcome.reason[1:]
    step = "" if outcome.kind is None else NEXT_STEP[outcome.kind]
    return TargetTrialResult(False, f"{reason}. {step}".strip(), outcome.kind, outcome.status)
