"""The page: what `make page` made of the sources in ``ui/``, read once."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

FILES = Path(__file__).parent / "static"
INDEX = "index.html"

SCREENS = (
    "/",
    "/events",
    "/events/{event_id}",
    "/footage",
    "/alerts",
    "/cameras",
    "/cameras/{camera_id}",
    "/cameras/{camera_id}/zones",
    "/system",
    "/access",
)
"""The addresses of the page's screens: each is answered with the page, which shows what belongs there."""

MEDIA = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
"""The kinds of file that a page consists of; nothing else is served, whatever lies beside them."""

HASHED = re.compile(r"-[\w-]{8}\.(css|js)$")
"""A file whose name changes with its content."""

SMALLEST_GZIP = 1024
NOT_BUILT = (
    "<!doctype html><title>Nightjar</title><p>The page was not built: run <code>make page</code> and start "
    "Nightjar again. The same can be had over the API, see <a href=/api/v1/openapi.json>its description</a>."
)


@dataclass(frozen=True, slots=True)
class File:
    """A file of the page: its bytes, as they are and in gzip where that is worth it."""

    media: str
    data: bytes
    packed: bytes | None
    etag: str
    is_hashed: bool


class Page:
    """Serves the page's files from memory; a browser asks each time whether its copy is still right.

    Files whose names carry a hash of their content are kept by browsers for good.
    """

    def __init__(self, folder: Path = FILES) -> None:
        self._files = {
            path.name: _read(path)
            for path in (sorted(folder.iterdir()) if folder.is_dir() else ())
            if path.suffix in MEDIA and path.is_file()
        }

    @property
    def files(self) -> dict[str, str]:
        """The names of the files under ``/static/``, and their media types."""
        return {name: file.media for name, file in self._files.items() if name != INDEX}

    async def screen(self, request: web.Request) -> web.Response:
        """Serve the page itself."""
        if INDEX not in self._files:
            return web.Response(status=503, text=NOT_BUILT, content_type="text/html")
        return self._answer(request, INDEX)

    async def file(self, request: web.Request) -> web.Response:
        """Serve one of the files that belong to the page."""
        return self._answer(request, request.path.rpartition("/")[2])

    def _answer(self, request: web.Request, name: str) -> web.Response:
        file = self._files[name]
        if file.etag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
            response = web.Response(status=304)
        else:
            charset = None if file.media.startswith("image/") else "utf-8"
            is_packed = file.packed is not None and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
            body = file.packed if is_packed else file.data
            response = web.Response(body=body, content_type=file.media, charset=charset)
            if is_packed:
                response.headers[hdrs.CONTENT_ENCODING] = "gzip"
        response.headers[hdrs.ETAG] = file.etag
        response.headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
        response.headers[hdrs.CACHE_CONTROL] = "max-age=31536000, immutable" if file.is_hashed else "no-cache"
        return response


def is_screen(path: str) -> bool:
    """Return whether the page itself is answered at a path."""
    return any(re.fullmatch(re.sub(r"{\w+}", "[^/]+", screen), path) for screen in SCREENS)


def _read(path: Path) -> File:
    data = path.read_bytes()
    media = MEDIA[path.suffix]
    is_text = media != "image/png" and len(data) >= SMALLEST_GZIP
    packed = gzip.compress(data, mtime=0) if is_text else None
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    return File(media, data, packed, etag, HASHED.search(path.name) is not None)
