"""Users who log in without the slow hash, and doors that note what they are told."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.accounts.access import Access, access
from appliance.accounts.doors import Doors
from appliance.accounts.settings import AccountsSettings
from appliance.commit.settings import CommitSettings
from appliance.commit.spine import Spine, spine
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.store.settings import StoreSettings

if TYPE_CHECKING:
    from tests.support.web import Answer, WebBox

PASSWORD = "correct horse battery"


@dataclass
class QuickWork:
    """A hash that takes no time. Attributes: ``looked_at`` the kept hashes that were compared."""

    looked_at: list[str] = field(default_factory=list)

    def hash(self, password: bytes) -> str:
        """Return a text by which the password is known again."""
        return f"quick {hashlib.sha256(password).hexdigest()}"

    def fits(self, password: bytes, kept: str) -> bool:
        """Return whether that is the one."""
        self.looked_at.append(kept)
        return self.hash(password) == kept


@dataclass
class RecordingDoors:
    """Notes whose rights have changed, and tells the real ones, where there are some."""

    told: list[tuple[str, str]] = field(default_factory=list)
    real: Doors | None = None

    def changed(self, *, user_id: str = "", session_id: str = "", token_id: str = "") -> None:
        """Note it."""
        for kind, one in (("user", user_id), ("session", session_id), ("token", token_id)):
            if one:
                self.told.append((kind, one))
        if self.real is not None:
            self.real.changed(user_id=user_id, session_id=session_id, token_id=token_id)

    def claimed(self) -> None:
        """Note it."""
        self.told.append(("claimed", ""))
        if self.real is not None:
            self.real.claimed()


@dataclass
class Known:
    """Access control on a real database, without a web server."""

    access: Access
    spine: Spine
    doors: RecordingDoors
    work: QuickWork
    metrics: Metrics


@asynccontextmanager
async def known_in(folder: Path, clock: Clock, *, is_local: bool = False) -> AsyncIterator[Known]:
    """Run access control on a folder."""
    health, metrics, doors, work = Health(), Metrics(), RecordingDoors(), QuickWork()
    async with (
        spine(folder, clock, health, metrics, StoreSettings(), CommitSettings()) as running,
        access(
            *(folder, running.reader, running.committer, clock, health, metrics, AccountsSettings(), doors),
            running.patience,
            is_local=is_local,
            work=work,
        ) as known,
    ):
        yield Known(known, running, doors, work, metrics)


@dataclass
class Visitor:
    """A browser that has logged in: it sends its cookie, and says that it comes from the own page."""

    box: "WebBox"
    cookie: str
    answer: "Answer"

    @property
    def headers(self) -> Mapping[str, str]:
        """What it sends with each request."""
        return {"Cookie": f"nightjar={self.cookie}", "Origin": self.box.url}

    async def ask(self, method: str, path: str, body: object = None) -> "Answer":
        """Ask the API, by a path without its beginning."""
        return await self.box.ask(method, f"/api/v1/{path}", body, headers=self.headers)

    async def get(self, path: str) -> "Answer":
        """Ask for a path of the API."""
        return await self.ask("GET", path)


def cookie_of(answer: "Answer") -> str:
    """Return the secret that an answer sets."""
    jar = SimpleCookie(answer.headers["Set-Cookie"])
    return jar["nightjar"].value


async def claim(box: "WebBox", name: str = "Ann", password: str = PASSWORD) -> Visitor:
    """Claim a box that nobody has, and log in as its admin."""
    answer = await box.ask("POST", "/api/v1/claim", {"name": name, "password": password})
    assert answer.status == 201, answer.body
    return Visitor(box, cookie_of(answer), answer)


async def log_in(box: "WebBox", name: str, password: str = PASSWORD, cookie: str = "") -> Visitor:
    """Log in, with the cookie that the browser has already."""
    headers = {"Origin": box.url} | ({"Cookie": f"nightjar={cookie}"} if cookie else {})
    answer = await box.ask("POST", "/api/v1/login", {"name": name, "password": password}, headers=headers)
    assert answer.status == 200, answer.body
    return Visitor(box, cookie_of(answer), answer)


async def add_user(
    admin: Visitor, name: str, role: str = "viewer", cameras: list[str] | None = None
) -> Visitor:
    """Add a user and log in as that one."""
    form = {"name": name, "password": PASSWORD, "role": role, "cameras": cameras}
    answer = await admin.ask("POST", "users", form)
    assert answer.status == 201, answer.body
    return await log_in(admin.box, name)
