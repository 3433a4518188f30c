"""Exports: ask for one, see how far it is, fetch its file, delete it."""

import asyncio

from aiohttp import web

from appliance.domain.access import Sight
from appliance.domain.footage import Export, ExportState, Missing
from appliance.domain.ids import CameraId, EventId, ExportId
from appliance.errors import NotFound
from appliance.recordings.playback.catalogue import Range
from appliance.recordings.playback.exporter import Wanted
from appliance.store.times import iso_of_us
from appliance.web import answers, media, times, wire
from appliance.web.access import sight_of
from appliance.web.body import body
from appliance.web.ports import Collaborators
from appliance.web.problems import Kind, Rejected
from appliance.web.settings import WebSettings

HOUR_S = 3600.0


class ExportHandlers:
    """The handlers of exports."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        self._with = with_
        self._settings = settings

    async def list(self, request: web.Request) -> web.Response:
        """List every export of the cameras that are seen, newest first."""
        sight, exports = sight_of(request), await self._with.playback.exporter.every()
        seen = [self._shown(export) for export in exports if sight.sees(export.camera_id)]
        return answers.of_struct(wire.Items(seen))

    async def read(self, request: web.Request) -> web.Response:
        """Read one export, with its progress."""
        return answers.of_struct(self._shown(await self._with.playback.exporter.read(_id(request))))

    async def add(self, request: web.Request) -> web.Response:
        """Ask for one MP4 file of a camera's time or of an event; they are made one after the other."""
        new = await body(request, wire.NewExport, self._settings)
        export = await self._with.playback.exporter.add(await self._wanted(new, sight_of(request)))
        response = answers.of_struct(self._shown(export), status=201)
        response.headers["Location"] = f"{request.path}/{export.id}"
        return response

    async def delete(self, request: web.Request) -> web.Response:
        """Cancel an export that is not done yet; delete any other one with its file."""
        await self._with.playback.exporter.delete(_id(request))
        return web.Response(status=204)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Fetch an export's MP4 file, or a part of it."""
        exporter = self._with.playback.exporter
        export = await exporter.read(_id(request))
        opened = await asyncio.to_thread(media.open_file, exporter.path(export))
        sent = media.Sent(export.size or 0, f'"{export.id}"', "video/mp4", file_name(export))
        return await media.send(request, opened, sent, self._with.doors)

    async def _wanted(self, new: wire.NewExport, sight: Sight) -> Wanted:
        """Return what is to be exported.

        Raises:
            NotFound: there is no such event, or no such camera; one that is not seen is not there.
        """
        longest_s = self._with.playback.settings.export_hours * HOUR_S
        if new.event_id is not None:
            if (new.camera_id, new.from_, new.to) != (None, None, None):
                raise _not_both("event_id with camera_id, from or to")
            event_id = EventId(new.event_id)
            clip = await self._with.playback.catalogue.clip(event_id)
            if not sight.sees(clip.camera_id):
                raise NotFound(f"there is no event {event_id!r}")
            times.expect_no_longer(clip.from_us, clip.to_us, longest_s)
            return Wanted(clip, new.exact, event_id)
        if new.camera_id is None or new.from_ is None or new.to is None:
            raise _not_both("less than that")
        camera_id, range_ = CameraId(new.camera_id), times.range_of(new.from_, new.to, longest_s)
        if not sight.sees(camera_id):
            raise NotFound(f"there is no camera {camera_id!r}")
        return Wanted(Range(camera_id, *range_), new.exact)

    def _shown(self, export: Export) -> wire.Export:
        is_done = export.state is ExportState.DONE
        return wire.Export(
            id=export.id,
            camera_id=export.camera_id,
            event_id=export.event_id,
            from_=iso_of_us(export.start_us),
            to=iso_of_us(export.end_us),
            exact=export.is_exact,
            state=export.state.value,
            reason=export.reason,
            progress=self._with.playback.exporter.progress(export),
            size=export.size,
            gaps=[_gap(gap) for gap in export.gaps],
            created_at=iso_of_us(export.created_us),
            file=f"/api/v1/exports/{export.id}/file" if is_done else None,
        )


def _gap(gap: Missing) -> wire.FootageGap:
    return wire.FootageGap(
        iso_of_us(gap.start_us), iso_of_us(gap.end_us), None if gap.cause is None else gap.cause.value
    )


def file_name(export: Export) -> str:
    """Return the name under which a browser stores an export: of camera and time, of safe letters only."""
    moment = iso_of_us(export.start_us)[:19].replace(":", "").replace("T", "_")
    camera = "".join(letter for letter in export.camera_id if letter.isalnum() or letter in "-_")
    return f"{camera}_{moment}.mp4"


def _not_both(got: str) -> Rejected:
    return Rejected(
        Kind.INVALID,
        "it takes either a camera with from and to, or an event",
        expected="camera_id, from and to; or event_id",
        got=got,
    )


def _id(request: web.Request) -> ExportId:
    return ExportId(request.match_info["export_id"])
