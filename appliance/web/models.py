"""The models that find objects: which there are, having one pulled, removed, or made an engine of."""

import msgspec
from aiohttp import web

from appliance.detections.models import Recipe
from appliance.web import answers, wire
from appliance.web.body import body
from appliance.web.ports import Collaborators
from appliance.web.settings import WebSettings


class ModelHandlers:
    """The handlers of the models."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        self._with = with_
        self._settings = settings

    async def list(self, _request: web.Request) -> web.Response:
        """Read which models are on the shelf and which could be pulled, and how far a pull is."""
        return answers.of_struct(await self._all())

    async def pull(self, request: web.Request) -> web.Response:
        """Have a known model fetched from its makers; how far that is says the list.

        It is put to work once it is there and verified, where ``[detector] model`` is ``auto`` or its name.
        """
        await self._with.models.pull(request.match_info["name"])
        return answers.of_struct(await self._all(), 202)

    async def remove(self, request: web.Request) -> web.Response:
        """Remove a model's file and all that was built of it.

        Where it is at work, the next best one follows.
        """
        await self._with.models.remove(request.match_info["name"])
        return answers.of_struct(await self._all())

    async def export(self, request: web.Request) -> web.Response:
        """Have a TensorRT engine built of a model, in the background; how far that is says the list.

        Detection goes on with what it has, and changes over when the engine is there.
        """
        new = await body(request, wire.NewEngine, self._settings)
        recipe = Recipe(new.batch, new.size_px, new.precision)
        await self._with.models.export(request.match_info["name"], recipe)
        return answers.of_struct(await self._all(), 202)

    async def _all(self) -> wire.Models:
        shelf = await self._with.models.read()
        items = [msgspec.convert(one, wire.Model, from_attributes=True) for one in shelf.models]
        return wire.Models(items, shelf.wanted, shelf.may_fetch)
