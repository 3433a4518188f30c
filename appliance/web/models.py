"""The models that find objects: which there are, and having one pulled."""

import msgspec
from aiohttp import web

from appliance.web import answers, wire
from appliance.web.ports import Collaborators


class ModelHandlers:
    """The handlers of the models."""

    def __init__(self, with_: Collaborators) -> None:
        self._with = with_

    async def list(self, _request: web.Request) -> web.Response:
        """Read which models are on the shelf and which could be pulled, and how far a pull is."""
        return answers.of_struct(await self._all())

    async def pull(self, request: web.Request) -> web.Response:
        """Have a known model fetched from its makers; how far that is says the list.

        It is put to work once it is there and verified, where ``[detector] model`` is ``auto`` or its name.
        """
        await self._with.models.pull(request.match_info["name"])
        return answers.of_struct(await self._all(), 202)

    async def _all(self) -> wire.Models:
        shelf = await self._with.models.read()
        items = [msgspec.convert(one, wire.Model, from_attributes=True) for one in shelf.models]
        return wire.Models(items, shelf.wanted, shelf.may_fetch)
