"""The documents are as true as the code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from aiohttp import web

from appliance.bus.message import TYPES, Channel
from appliance.config import LIMITS
from appliance.web import routes
from appliance.web.page import SCREENS
from appliance.web.ports import Collaborators
from appliance.web.security import HEADERS
from appliance.web.settings import WebSettings
from tests.support.settings import Setting, settings
from tests.support.source import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
ROW = re.compile(r"^\| `([a-z_]+)` \| (.*?) \| (.*?) \|")
ROUTE_ROW = re.compile(r"^\| `(/[^`]*)` \| ([A-Z ]+) \|", re.MULTILINE)
CODE_BLOCK = re.compile(r"```.*?```", re.DOTALL)


def anchors(text: str) -> set[str]:
    """Return the anchors that a renderer makes of the headings."""
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(text))
    return {heading.strip().replace(" ", "-") for heading in kept}


def links(document: Path) -> Iterator[str]:
    """Yield the targets of the document's links to this repository."""
    for target in LINK.findall(CODE_BLOCK.sub("", document.read_text())):
        if "://" not in target:
            yield target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    """To a file that is there, and to a heading that it has."""
    for link in links(document):
        name, _, anchor = link.partition("#")
        target = document if not name else (document.parent / name).resolve()
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text()), link


def documented() -> dict[tuple[str, str], tuple[str, str]]:
    """Return default and range of each setting as the tables show them, by section and key."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    section = ""
    for line in (ROOT / "docs/configuration.md").read_text().splitlines():
        if line.startswith(("## ", "### `")):
            section = line.strip("# `[]")
        elif row := ROW.match(line):
            found[section, row[1]] = (row[2].strip("`"), row[3])
    return found


@pytest.mark.parametrize("setting", list(settings()), ids=lambda s: f"{s.section}.{s.key}")
def test_every_setting_is_documented_with_its_default_and_range(setting: Setting) -> None:
    """What the page says is what the program does."""
    assert documented()[setting.section, setting.key] == (setting.default, setting.allowed)


def test_nothing_is_documented_that_cannot_be_set() -> None:
    """A key that was removed does not live on in the documents."""
    assert set(documented()) == {(setting.section, setting.key) for setting in settings()}


@pytest.mark.parametrize("setting", list(settings()), ids=lambda s: f"{s.section}.{s.key}")
def test_every_number_has_a_range(setting: Setting) -> None:
    """A slip of the hand such as a missing point is refused at the start."""
    assert not setting.is_number or re.match(r"(from|above) ", setting.allowed)


def test_no_range_is_kept_for_a_setting_that_is_gone() -> None:
    """The list of ranges shrinks with the settings."""
    assert set(LIMITS) <= {f"{setting.section}.{setting.key}" for setting in settings()}


def test_every_message_type_and_channel_is_documented() -> None:
    """A client's author need not read the source."""
    text = (ROOT / "docs/protocol.md").read_text()
    assert [name for name in [*TYPES, *Channel] if f"`{name}`" not in text] == []


def test_every_route_is_documented_with_its_methods() -> None:
    """The table in the protocol is the route table, less the page's screens and files."""
    served: dict[str, set[str]] = {}
    for route in routes.table(cast("Collaborators", None), WebSettings(), nobody):
        if route.path not in SCREENS and not route.path.startswith("/static/"):
            served.setdefault(route.path, set()).add(route.method)
    text = (ROOT / "docs/protocol.md").read_text()
    assert {path: set(methods.split()) for path, methods in ROUTE_ROW.findall(text)} == served


async def nobody(_request: web.Request) -> web.StreamResponse:
    """Stand in for the WebSocket's handler."""
    return web.Response()


def test_decisions_are_numbered_without_a_gap() -> None:
    """And each says when it was made and what it costs."""
    names = sorted(path.name for path in (ROOT / "docs/adr").glob("*.md"))
    assert [name[:4] for name in names] == [f"{n:04}" for n in range(1, len(names) + 1)]
    for name in names:
        text = (ROOT / "docs/adr" / name).read_text()
        assert {"context", "decision", "consequences"} <= anchors(text), name


def test_every_test_that_security_names_is_there() -> None:
    """What is said to be shown is shown by something."""
    named = re.findall(r"`(tests/[^`]+)`", (ROOT / "docs/security.md").read_text())
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_security_speaks_of_every_chapter_of_the_standard() -> None:
    """None is passed over, and each has one of the four states."""
    rows = re.findall(r"^\| V(\d+) [^|]+\| ([^|]+) \|", (ROOT / "docs/security.md").read_text(), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 18))
    assert {state for _, state in rows} <= {"met", "in part", "not met", "not applicable"}


def test_every_header_that_answers_carry_is_explained() -> None:
    """Whoever adds one says why."""
    text = (
        (ROOT / "docs/security.md")
        .read_text()
        .replace("`-Resource-Policy`", "`Cross-Origin-Resource-Policy`")
    )
    assert [name for name in HEADERS if f"`{name}`" not in text] == []
