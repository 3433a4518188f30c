"""``nightjar password`` and ``nightjar setup-token``: for whoever has a shell on the box."""

import io
from pathlib import Path

import pytest

from appliance.accounts.logins import From
from appliance.accounts.password import Argon2, as_bytes
from appliance.accounts.reset import reset_password
from appliance.accounts.setup_token import FILE
from appliance.cli import main
from appliance.errors import InvalidInput, NotFound
from appliance.runtime.clock import SystemClock
from appliance.store.audit import Sought
from tests.support.accounts import PASSWORD, QuickWork, known_in

OTHER = "another horse battery"
HERE = From("192.0.2.7", "Fox")


async def test_a_forgotten_password_is_set_while_the_service_runs(tmp_path: Path) -> None:
    """All sessions of that user end, and the log says by what."""
    async with known_in(tmp_path, SystemClock(), is_local=True) as known:
        login = await known.access.logins.claim("Ann", PASSWORD, None, HERE)
        assert reset_password(tmp_path, "ANN", OTHER, SystemClock()) == 1
        assert await known.access.accounts.by_session(login.secret) is None
        (kept,) = await known.access.audit.entries(Sought(10))
        assert (kept.entry.kind, kept.entry.what, kept.entry.subject) == ("service", "password", "Ann")
        work = known.access.passwords._work
        assert isinstance(work, QuickWork)
        known.access.passwords._work = Argon2()
        await known.access.logins.login("Ann", OTHER, HERE)


async def test_only_a_user_gets_a_password_and_only_a_good_one(tmp_path: Path) -> None:
    """In words, and nothing is changed."""
    with pytest.raises(NotFound, match="database"):
        reset_password(tmp_path, "Ann", OTHER, SystemClock())
    async with known_in(tmp_path, SystemClock(), is_local=True) as known:
        await known.access.logins.claim("Ann", PASSWORD, None, HERE)
        with pytest.raises(NotFound, match="no user"):
            reset_password(tmp_path, "Bob", OTHER, SystemClock())
        with pytest.raises(InvalidInput):
            reset_password(tmp_path, "Ann", "ann", SystemClock())
        await known.access.logins.login("Ann", PASSWORD, HERE)


async def test_the_command_reads_what_is_piped_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And does not print it."""
    async with known_in(tmp_path, SystemClock(), is_local=True) as known:
        await known.access.logins.claim("Ann", PASSWORD, None, HERE)
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{OTHER}\n"))
        assert main(["password", "Ann", "--data", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert printed.out == "Ann: has another password; 1 session ended\n"
    assert OTHER not in printed.err


async def test_the_command_prints_the_setup_token(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only as long as there is one."""
    assert main(["setup-token", "--data", str(tmp_path)]) == 2
    assert "no setup token" in capsys.readouterr().err
    async with known_in(tmp_path, SystemClock()) as known:
        assert main(["setup-token", "--data", str(tmp_path)]) == 0
        assert capsys.readouterr().out == f"{known.access.token}\n"
        assert (tmp_path / FILE).read_text() == f"{known.access.token}\n"
    assert main(["setup-token", "--data", str(tmp_path)]) == 2


def test_the_bytes_of_a_password_do_not_depend_on_how_it_was_typed() -> None:
    """Half of a pair of surrogates is no crash either."""
    assert as_bytes("caf\u00e9") == as_bytes("cafe\u0301")
    assert as_bytes("\ud800")
