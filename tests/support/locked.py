"""A box that others reach: over TLS, claimed with its setup token, and its users as programs see them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, CookieJar, TCPConnector
from playwright.async_api import Page, expect

from tests.support.certificates import anything_goes
from tests.support.server import Server

OPEN = """
[server]
host = "0.0.0.0"
"""
"""What makes a login needed from the first request on."""

PASSWORD = "a sentence that is long"
CHIEF = "anna"


@dataclass(frozen=True)
class Client:
    """Somebody without a browser, who keeps their cookie."""

    http: ClientSession
    url: str

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Ask as the page would, and return the status and the JSON of the answer, if any."""
        sent = {"Origin": self.url, **headers}
        async with self.http.request(method, f"{self.url}/api/v1/{path}", json=body, headers=sent) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else None

    async def done(self, method: str, path: str, body: object = None) -> Any:
        """Do something that must succeed, and return what it answers.

        Raises:
            AssertionError: it was refused.
        """
        status, answer = await self.ask(method, path, body)
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer


@asynccontextmanager
async def client(server: Server) -> AsyncIterator[Client]:
    """Give somebody whom the box does not know yet."""
    connector = TCPConnector(ssl=anything_goes())
    async with ClientSession(connector=connector, cookie_jar=CookieJar(unsafe=True)) as http:
        yield Client(http, server.url)


def setup_token(server: Server) -> str:
    """Return what the box's owner reads on the box."""
    return (server.data / "setup-token").read_text().strip()


async def claimed(by: Client, server: Server | None = None) -> Client:
    """Make the first user, who is logged in from then on; with the token of a box that others reach."""
    token = {} if server is None else {"token": setup_token(server)}
    await by.done("POST", "claim", {"name": CHIEF, "password": PASSWORD, **token})
    return by


async def add_user(by: Client, name: str, role: str, cameras: list[str] | None) -> str:
    """Add somebody, and return the id."""
    new = {"name": name, "password": PASSWORD, "role": role, "cameras": cameras}
    return str((await by.done("POST", "users", new))["id"])


async def log_in(page: Page, url: str, name: str) -> None:
    """Log in as a person does, and wait until the page shows its places."""
    await page.goto(url)
    await fill_in(page, name)
    await expect(page.get_by_role("navigation", name="Screens")).to_be_visible()


async def fill_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill in the login that is shown, and send it."""
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Log in").click()
