"""What is kept of logins: for how long, and that it is found along an index."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from appliance.accounts.throttle import of_account
from appliance.domain.ids import TokenId, UserId
from appliance.domain.time import US_PER_S, WallUs, wall_after
from appliance.store import audit, callers, logins, retention
from appliance.store.audit import Entry, Sought
from appliance.store.engine import Store
from appliance.store.retention import steps
from appliance.store.settings import RetentionSettings, StoreSettings
from tests.support.clock import SimulatedClock
from tests.support.rows import NOON_US
from tests.unit.store.test_plans import Ask, plans

DAY_S = 86_400.0
NOW = WallUs(NOON_US)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty database."""
    with Store(tmp_path, SimulatedClock(), StoreSettings()) as made:
        yield made


def note(connection: Connection, at_us: WallUs, kind: audit.KindWord = "user") -> None:
    """Add a row to the audit log."""
    audit.add(connection, Entry(at_us, "Ann", kind, "::1", "login", "Ann", "done", {}))


def retain(store: Store) -> None:
    """Delete all that is due."""
    for step in steps(RetentionSettings(portion_rows=2), NOW):
        while True:
            with store.writer.begin() as connection:
                if not step(connection).rows:
                    break


def test_the_audit_log_is_kept_for_a_year(store: Store) -> None:
    """What is older goes, a portion at a time."""
    with store.writer.begin() as connection:
        for days in (1, 364, 366, 400, 500, 600, 700):
            note(connection, wall_after(NOW, -days * DAY_S))
    retain(store)
    with store.writer.begin() as connection:
        kept = [one.entry.at_us for one in audit.entries(connection, Sought(100))]
    assert sorted(kept) == [wall_after(NOW, -364 * DAY_S), wall_after(NOW, -DAY_S)]


def test_the_audit_log_has_no_more_rows_than_it_may(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those without a login go first; of all others the oldest go only when these alone are too many."""
    monkeypatch.setattr(retention, "MOST_AUDIT", 5)
    kinds: list[audit.KindWord] = ["user", "nobody", "token", "nobody", "nobody", "nobody", "nobody", "user"]
    with store.writer.begin() as connection:
        for kind in kinds:
            note(connection, NOW, kind)
    retain(store)
    assert rows_of(store) == [(8, "user"), (7, "nobody"), (6, "nobody"), (3, "token"), (1, "user")]
    with store.writer.begin() as connection:
        for _ in range(4):
            note(connection, NOW)
    retain(store)
    assert rows_of(store) == [(12, "user"), (11, "user"), (10, "user"), (9, "user"), (8, "user")]


def rows_of(store: Store) -> list[tuple[int, str]]:
    """Return the ids of the audit log with whose they are, the newest first."""
    with store.writer.begin() as connection:
        return [(one.id, one.entry.kind) for one in audit.entries(connection, Sought(100))]


def test_an_id_of_the_audit_log_is_never_given_twice(store: Store) -> None:
    """Not even after the newest row is gone: a gap would be seen."""
    with store.writer.begin() as connection:
        note(connection, wall_after(NOW, -400 * DAY_S))
    retain(store)
    with store.writer.begin() as connection:
        note(connection, NOW)
        (kept,) = audit.entries(connection, Sought(100))
    assert kept.id == 2


def test_tries_are_forgotten_once_they_are_all_back(store: Store) -> None:
    """Those of strangers would fill the database; those that count stay."""
    with store.writer.begin() as connection:
        logins.take_try(connection, [of_account("old")], wall_after(NOW, -3601))
        logins.take_try(connection, [of_account("new")], wall_after(NOW, -60))
    retain(store)
    with store.writer.begin() as connection:
        keys = connection.exec_driver_sql('SELECT "key" FROM login_buckets').scalars().all()
    assert keys == [of_account("new").key]


def test_a_bucket_of_an_hour_ago_is_full_again() -> None:
    """So that to forget it gives nobody anything."""
    allowance = of_account("x").allowance
    assert allowance.left(0.0, NOW, WallUs(NOW + 3600 * US_PER_S)) == allowance.tries


ASKED: list[tuple[str, Ask]] = [
    ("sqlite_autoindex_sessions_2", lambda c: callers.session_of(c, b"x" * 32)),
    ("sqlite_autoindex_api_tokens_1", lambda c: callers.token_of(c, TokenId("t"))),
    ("sqlite_autoindex_users_1", lambda c: callers.owner_of(c, "u")),
    ("sqlite_autoindex_users_2", lambda c: logins.account(c, "ann")),
    ("ix_sessions_user_id", lambda c: logins.end_sessions(c, UserId("u"))),
    ("ix_audit_at_us", lambda c: audit.forget(c, NOW, 2)),
    ("ix_audit_at_us", lambda c: audit.forget_beyond(c, 5, 2)),
]


@pytest.mark.parametrize(("index", "ask"), ASKED, ids=[index for index, _ in ASKED])
def test_what_each_request_asks_goes_along_an_index(store: Store, index: str, ask: Ask) -> None:
    """However many users, sessions and rows there are."""
    with store.writer.begin() as connection:
        (plan, *_) = plans(connection, ask)
    assert index in plan
    assert "SCAN sessions" not in plan
