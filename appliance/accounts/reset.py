"""``nightjar password``: whoever may write the database lets a user have another password."""

from pathlib import Path

from appliance.accounts.name import key_of
from appliance.accounts.password import Argon2, as_bytes, expect_password
from appliance.accounts.throttle import of_account
from appliance.domain.ids import SessionId
from appliance.domain.time import WallUs
from appliance.errors import Conflict, NotFound
from appliance.runtime.clock import Clock
from appliance.store import audit, logins
from appliance.store.audit import Entry
from appliance.store.engine import DATABASE, translated, write_engine
from appliance.store.settings import StoreSettings

PATIENCE_S = 10.0


def reset_password(data_dir: Path, name: str, password: str, clock: Clock) -> int:
    """Set a user's password, end all sessions of that user, and return how many there were.

    The service may run: what is open of those sessions is closed within some seconds.

    Raises:
        NotFound: there is no database, or no such user.
        Conflict: the database is of an older version.
        BadPassword: the password is none.
        StoreUnavailable: the database cannot be written.
    """
    path = data_dir / DATABASE
    if not path.exists():
        raise NotFound(f"expected a database in {data_dir}, found none")
    engine = write_engine(path, StoreSettings(busy_timeout_s=PATIENCE_S))
    try:
        with translated(), engine.begin() as connection:
            there = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'users'"
            if connection.exec_driver_sql(there).first() is None:
                raise Conflict(f"the database in {data_dir} is of an older version; start the service once")
            account = logins.account(connection, key_of(name))
            if account is None:
                raise NotFound(f"there is no user {name!r}")
            expect_password(account.name, password)
            now_us = WallUs(clock.wall_us())
            logins.set_password(connection, account.id, Argon2().hash(as_bytes(password)), now_us)
            logins.forget_bucket(connection, of_account(key_of(name)))
            ended: list[SessionId] = logins.end_sessions(connection, account.id)
            detail = {"sessions": len(ended)}
            done = Entry(now_us, "nightjar password", "service", "", "password", account.name, "done", detail)
            audit.add(connection, done)
            return len(ended)
    finally:
        engine.dispose()
