"""The page: fixed files that come with the program, read once."""

import hashlib
from pathlib import Path

from aiohttp import hdrs, web

FILES = Path(__file__).parent / "static"
INDEX = "index.html"

STATIC = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "api.js": "text/javascript",
    "messages.js": "text/javascript",
    "cameras.js": "text/javascript",
    "screen.js": "text/javascript",
    "live.js": "text/javascript",
    "boxes.js": "text/javascript",
    "large_view.js": "text/javascript",
    "figures.js": "text/javascript",
    "feed.js": "text/javascript",
    "elements.js": "text/javascript",
    "footage.js": "text/javascript",
    "player.js": "text/javascript",
    "timeline.js": "text/javascript",
    "exports.js": "text/javascript",
    "recording_form.js": "text/javascript",
    "storage.js": "text/javascript",
    "footage.css": "text/css",
    "icon.svg": "image/svg+xml",
}
"""The files under ``/static/`` and their media types; nothing else is served, whatever the path says."""


class Page:
    """Serves the page's files from memory; a browser asks each time whether its copy is still right."""

    def __init__(self) -> None:
        self._files = {name: (FILES / name).read_bytes() for name in (INDEX, *STATIC)}
        self._etags = {name: hashlib.sha256(data).hexdigest()[:32] for name, data in self._files.items()}

    async def index(self, request: web.Request) -> web.Response:
        """Serve the page itself."""
        return self._answer(request, INDEX, "text/html")

    async def file(self, request: web.Request) -> web.Response:
        """Serve one of the files that belong to the page."""
        name = request.path.rpartition("/")[2]
        return self._answer(request, name, STATIC[name])

    def _answer(self, request: web.Request, name: str, media: str) -> web.Response:
        etag = f'"{self._etags[name]}"'
        if etag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
            response = web.Response(status=304)
        else:
            charset = None if media.startswith("image/") else "utf-8"
            response = web.Response(body=self._files[name], content_type=media, charset=charset)
        response.headers[hdrs.ETAG] = etag
        response.headers[hdrs.CACHE_CONTROL] = "no-cache"
        return response
