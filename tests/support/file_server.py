"""Serves a folder to a browser, with a page around a video."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

_PAGE = """<!doctype html><meta charset="utf-8"><title>{name}</title><link rel="icon" href="data:,">
<video src="/files/{name}" muted preload="auto"></video>
"""


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[str]:
    """Serve a folder's files at ``/files/NAME`` and a page with one as a video at ``/play/NAME``.

    Yields the address, without a slash at its end.
    """

    async def play(request: web.Request) -> web.Response:
        return web.Response(text=_PAGE.format(name=request.match_info["name"]), content_type="text/html")

    app = web.Application()
    app.router.add_static("/files", folder)
    app.router.add_get("/play/{name}", play)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
