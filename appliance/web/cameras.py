"""Cameras: list, read, add, change, delete, test, and the latest frame."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from appliance.domain.camera import Camera, CameraState, Credentials
from appliance.domain.ids import CameraId
from appliance.errors import AddressError, NotFound, Overloaded, SourceFailure
from appliance.monitor.stats import camera_stats_report, camera_stats_seen
from appliance.packets.search import Missed
from appliance.store import queries, statements
from appliance.store.reader import newest_cursor
from appliance.store.scene_form import KINDS, Scene, fault, row_of, scene_of_shapes
from appliance.store.times import iso_of_us
from appliance.web import answers
from appliance.web.access import sight_of
from appliance.web.addresses import (
    Admitted,
    admit,
    admit_host,
    admit_live,
    camera_id_of,
    check_credential,
    same_machine,
)
from appliance.web.body import body, query
from appliance.web.ports import Collaborators
from appliance.web.problems import Kind, Rejected
from appliance.web.settings import WebSettings
from appliance.web.trials import failed, sought, succeeded
from appliance.web.wire import (
    CameraAddress,
    CameraChange,
    CameraSearch,
    CameraTrial,
    FrameQuery,
    NewCamera,
    SceneChange,
)

TRIAL_ID = CameraId("trial")

LOOK_FOR_CLIENT_S = 0.5
"""How often is looked whether who asked for a search or a test still waits for it."""

T = TypeVar("T")

TAKEN_AT = "Nightjar-Taken-At"
"""The header that says when a frame was taken."""


class CameraHandlers:
    """The handlers of cameras."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        self._with = with_
        self._settings = settings
        self._trials = 0

    async def list(self, request: web.Request) -> web.Response:
        """List every camera that whoever asks may see."""
        async with self._with.reader.read() as connection:
            found = await queries.cameras(connection, sight_of(request))
            return answers.of_list(found, await newest_cursor(connection))

    async def read(self, request: web.Request) -> web.Response:
        """Read one camera."""
        async with self._with.reader.read() as connection:
            text = await queries.camera(connection, _id(request))
            return answers.of_text(text, await newest_cursor(connection))

    async def read_address(self, request: web.Request) -> web.Response:
        """Read where a camera is read from."""
        async with self._with.reader.read() as connection:
            found = await queries.camera_address(connection, _id(request))
        note = self._with.cameras.live_note(_id(request))
        return answers.of_struct(CameraAddress(found.url, found.has_credentials, found.live_url, note))

    async def add(self, request: web.Request) -> web.Response:
        """Add a camera; its reader starts at once."""
        new = await body(request, NewCamera, self._settings)
        admitted = await admit(new.address)
        values: statements.Values = {
            **_columns(new),
            "url": admitted.url,
            **await _live_url(new),
            "status": CameraState.CONNECTING if new.enabled else CameraState.DISABLED,
            "status_reason": "" if new.enabled else "switched off by its owner",
            "status_since_us": self._with.clock.wall_us(),
            "created_us": self._with.clock.wall_us(),
        }
        camera_id = CameraId(new.id) if new.id else camera_id_of(new.name)
        with _naming("live_address"):
            written = await self._with.writer.commit(
                lambda c: statements.add_camera(c, camera_id, new.id is None, values, admitted.credentials)
            )
        response = answers.of_text(written.json, written.cursor, status=201)
        response.headers["Location"] = f"{request.path}/{msgspec.json.decode(written.json)['id']}"
        return response

    async def change(self, request: web.Request) -> web.Response:
        """Change a camera; its reader follows at once."""
        change = await body(request, CameraChange, self._settings)
        place = await _place(change)
        values = _columns(change) | await _live_url(change)
        camera_id, at_us = _id(request), self._with.clock.wall_us()
        with _naming("live_address"):
            written = await self._with.writer.commit(
                lambda c: statements.change_camera(c, camera_id, values, place, at_us)
            )
        return answers.of_text(written.json, written.cursor)

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a camera; its events stay until they age out."""
        camera_id = _id(request)
        cursor = await self._with.writer.commit(lambda c: statements.delete_camera(c, camera_id))
        return answers.nothing(cursor)

    async def stats(self, request: web.Request) -> web.Response:
        """Read the newest figures of each camera that is being read; what was not measured is absent."""
        report = camera_stats_report(self._with.stats.read())
        return answers.of_struct(camera_stats_seen(report, sight_of(request)))

    async def test(self, request: web.Request) -> web.Response:
        """Try an address as long as the client waits: connect, look, let go; nothing is stored."""
        wanted = await body(request, CameraTrial, self._settings)
        admitted = await admit(wanted.address)
        with self._trying():
            try:
                trial = await _while_waited_for(request, self._with.cameras.probe, _on_trial(admitted))
            except SourceFailure as failure:
                return answers.of_struct(failed(failure, admitted.credentials))
            return answers.of_struct(succeeded(trial, has_second=wanted.has_live_address))

    async def find(self, request: web.Request) -> web.Response:
        """Look for a camera's streams at the usual paths, as long as the client waits; nothing is stored."""
        wanted = await body(request, CameraSearch, self._settings)
        credentials = _credentials(wanted)
        with _naming("host"):
            try:
                place = await admit_host(wanted.host, wanted.port)
            except SourceFailure as failure:
                return answers.of_struct(sought(Missed(failure, 0), credentials))
        with self._trying():
            camera = _on_trial(Admitted(place.literal, credentials))
            outcome = await _while_waited_for(request, self._with.cameras.find, camera)
            return answers.of_struct(sought(place.named(outcome), credentials))

    @contextmanager
    def _trying(self) -> Iterator[None]:
        """Count a camera that is being tried.

        Raises:
            Overloaded: as many are being tried as may be.
        """
        if self._trials >= self._settings.probes:
            raise Overloaded(f"{self._trials} cameras are being tested already; try again in some seconds")
        self._trials += 1
        try:
            yield
        finally:
            self._trials -= 1

    async def frame(self, request: web.Request) -> web.Response:
        """Read a camera's newest frame as JPEG, and in a header when it was taken; it is in no cache."""
        camera_id = _id(request)
        small = query(request.query, FrameQuery).size == "small"
        async with self._with.reader.read() as connection:
            status = await queries.camera_status(connection, camera_id)
        picture = await asyncio.to_thread(self._with.cameras.latest_jpeg, camera_id, small)
        if picture is None:
            reason = f": {status.reason}" if status.reason else ""
            raise NotFound(f"{status.name} has no frame to show; it is {status.status}{reason}")
        response = web.Response(body=picture.jpeg, content_type="image/jpeg")
        response.headers[TAKEN_AT] = iso_of_us(picture.wall_us)
        return response


def _on_trial(admitted: Admitted) -> Camera:
    return Camera(TRIAL_ID, "trial", admitted.url, admitted.credentials)


def _credentials(wanted: CameraSearch) -> Credentials | None:
    """Return whose camera it is, each field refused under its own name."""
    for field, text in (("user", wanted.user), ("password", wanted.password)):
        with _naming(field):
            check_credential(text)
    return Credentials(wanted.user, wanted.password) if wanted.user or wanted.password else None


async def _while_waited_for(
    request: web.Request, block: Callable[[Camera, threading.Event], T], camera: Camera
) -> T:
    """Return what comes of a camera; it is let go of when the client has gone, or the server ends."""
    stop = threading.Event()
    work = asyncio.ensure_future(asyncio.to_thread(block, camera, stop))
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=LOOK_FOR_CLIENT_S)
            if request.transport is None or request.transport.is_closing():
                stop.set()
        return work.result()
    finally:
        stop.set()


def _id(request: web.Request) -> CameraId:
    return CameraId(request.match_info["camera_id"])


def _columns(form: NewCamera | CameraChange) -> dict[str, Any]:
    """Return the columns that a body sets, without the addresses."""
    values = {
        name: getattr(form, name)
        for name in ("name", "enabled", "loop", "detect_fps", "labels", "decode")
        if getattr(form, name) is not msgspec.UNSET
    }
    if not isinstance(form.recording, msgspec.UnsetType):
        values["recording"] = msgspec.to_builtins(form.recording)
    if not isinstance(form.scene, msgspec.UnsetType):
        values["scene"] = _shapes(form.scene)
    flags = {name: int(values[name]) for name in ("enabled", "loop") if name in values}
    labels = values.get("labels")
    return values | flags | ({"labels": sorted(set(labels))} if labels is not None else {})


def _shapes(change: SceneChange) -> dict[str, Any]:
    """Return the lists of shapes that a body names, as a camera's row holds them.

    Raises:
        Rejected: 422, one of them makes no sense.
    """
    given = {kind: shapes for kind in KINDS if (shapes := getattr(change, kind)) is not msgspec.UNSET}
    scene = scene_of_shapes(Scene(**given))
    found = fault(scene)
    if found is not None:
        field = f"scene.{found.field}"
        sentence = f"{field}: expected {found.expected}, got {found.got}"
        raise Rejected(Kind.INVALID, sentence, field=field, expected=found.expected, got=found.got)
    row = row_of(scene)
    return {kind: row[kind] for kind in given}


async def _place(change: CameraChange) -> statements.Place | None:
    if isinstance(change.address, msgspec.UnsetType):
        return None
    url, credentials = await admit(change.address)
    return statements.Place(url, credentials, lambda present: same_machine(present, url))


async def _live_url(form: NewCamera | CameraChange) -> dict[str, str | None]:
    """Return the column that a body sets for the second address, if it does."""
    if isinstance(form.live_address, msgspec.UnsetType):
        return {}
    if form.live_address is None:
        return {"live_url": None}
    with _naming("live_address"):
        return {"live_url": await admit_live(form.live_address)}


@contextmanager
def _naming(field: str) -> Iterator[None]:
    """Say of an address that is refused which field it came in."""
    try:
        yield
    except AddressError as err:
        raise Rejected(Kind.ADDRESS, str(err), field=field) from err
