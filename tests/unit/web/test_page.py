"""The page's files as they are served."""

import gzip
from pathlib import Path

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application

from appliance.web.page import Page, is_screen

CODE = "export const bird = 'nightjar';\n" * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page of three files, and one that does not belong to it."""
    (tmp_path / "index.html").write_text("<!doctype html><title>Nightjar</title>")
    (tmp_path / "index-BLQQx9v9.js").write_text(CODE)
    (tmp_path / "theme.js").write_text("1;")
    (tmp_path / "notes.txt").write_text("mine")
    return tmp_path


async def fetch(page: Page, path: str, **headers: str) -> tuple[ClientResponse, bytes]:
    """Serve a page and ask for one of its paths; the answer's body is left as it was sent."""
    app = Application()
    app.router.add_get("/", page.screen)
    for name in page.files:
        app.router.add_get(f"/static/{name}", page.file)
    async with TestClient(TestServer(app), auto_decompress=False) as client:
        response = await client.get(
            path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        return response, await response.read()


async def test_what_is_worth_it_is_sent_in_gzip_to_who_takes_it(folder: Path) -> None:
    """The same bytes in either way."""
    response, packed = await fetch(Page(folder), "/static/index-BLQQx9v9.js", Accept_Encoding="gzip, br")
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed).decode() == CODE
    response, plain = await fetch(Page(folder), "/static/index-BLQQx9v9.js", Accept_Encoding="identity")
    assert "Content-Encoding" not in response.headers
    assert plain.decode() == CODE


@pytest.mark.parametrize(
    ("path", "is_kept"), [("/static/index-BLQQx9v9.js", True), ("/static/theme.js", False), ("/", False)]
)
async def test_only_a_name_that_changes_with_its_content_is_kept_for_good(
    folder: Path, path: str, is_kept: bool
) -> None:
    """All else is asked for again, and not sent again."""
    page = Page(folder)
    response, _ = await fetch(page, path)
    assert ("immutable" in response.headers["Cache-Control"]) is is_kept
    response, body = await fetch(page, path, If_None_Match=response.headers["ETag"])
    assert (response.status, body) == (304, b"")


def test_only_what_a_page_consists_of_is_served(folder: Path) -> None:
    """Whatever else lies there."""
    assert Page(folder).files == {"index-BLQQx9v9.js": "text/javascript", "theme.js": "text/javascript"}


async def test_a_page_that_was_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    """A start from a fresh clone without ``make``."""
    response, body = await fetch(Page(tmp_path / "none"), "/")
    assert response.status == 503
    assert b"make page" in body


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("/", True),
        ("/events", True),
        ("/events/01a2", True),
        ("/events/01a2/x", False),
        ("/api/v1/events", False),
    ],
)
def test_screens_have_addresses_of_their_own(path: str, is_one: bool) -> None:
    """Links from elsewhere may lead to them, and to nothing else."""
    assert is_screen(path) is is_one
