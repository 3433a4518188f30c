"""Who is at home: read it, set it by hand, and set the hours at which the clock does."""

from typing import Any

import msgspec
from aiohttp import web

from appliance.domain.arming import NEVER_US, Arming
from appliance.store import pipeline, statements
from appliance.store.hours_form import ArmHours, arm_hours_of_forms, arm_words_of
from appliance.store.reader import cursor_of
from appliance.store.times import iso_of_us
from appliance.web import answers
from appliance.web.body import body
from appliance.web.ports import Collaborators
from appliance.web.settings import WebSettings
from appliance.web.wire import Arm, ArmChange


class ArmHandlers:
    """The handlers of the arm state."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        self._with = with_
        self._settings = settings

    async def read(self, _request: web.Request) -> web.Response:
        """Read who is at home now, and the hours that set it."""
        arming, cursor = await self._with.reader.ask(lambda c: (pipeline.arm(c), cursor_of(c)))
        return answers.with_cursor(answers.of_struct(self._now(arming)), cursor)

    async def change(self, request: web.Request) -> web.Response:
        """Set the state by hand, as of now, or the hours that set one; rules follow at once."""
        members = _members(await body(request, ArmChange, self._settings))
        at_us = self._with.clock.wall_us()
        armed = await self._with.writer.commit(lambda c: statements.set_arm(c, members, at_us))
        return answers.with_cursor(answers.of_struct(self._now(armed.arming)), armed.cursor)

    def _now(self, arming: Arming) -> Arm:
        return Arm(
            state=arming.state_at(self._with.clock.wall_us(), self._with.zone).value,
            by_hand=arming.state.value,
            set_at=None if arming.set_us == NEVER_US else iso_of_us(arming.set_us),
            hours=[msgspec.convert(arm_words_of(entry), ArmHours) for entry in arming.hours],
        )


def _members(change: ArmChange) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if not isinstance(change.state, msgspec.UnsetType):
        members["state"] = change.state
    if not isinstance(change.hours, msgspec.UnsetType):
        members["hours"] = [arm_words_of(entry) for entry in arm_hours_of_forms(change.hours)]
    return members
