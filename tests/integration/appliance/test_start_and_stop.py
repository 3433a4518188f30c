"""How the appliance begins and ends: one sentence where it cannot begin, nothing lost where it ends."""

import asyncio
import re
import signal
import socket
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.listener import database_is
from tests.support.passer import write_passer
from tests.support.server import nightjar, nightjar_command

BUILTIN = '[detector]\nmodel = "builtin"\n'
STOP_S = 5.0


async def test_a_busy_port_is_one_line(tmp_path: Path) -> None:
    """Who starts it twice, or beside another program, reads which port is taken."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        status, output = await nightjar_command("run", "--data", str(tmp_path / "data"), "--port", port)
    assert status == 1
    assert output == (f"nightjar: another program listens on 127.0.0.1:{port} already; choose another port\n")


async def test_a_second_service_on_the_same_data_is_one_line(tmp_path: Path) -> None:
    """It is refused with the reason, and the first one does not notice."""
    data = tmp_path / "data"
    async with nightjar(data, BUILTIN) as first:
        status, output = await nightjar_command("run", "--data", str(data), "--port", "0")
        assert status == 1
        assert output == (
            f"nightjar: another Nightjar is running on {data}; stop it, or choose another --data\n"
        )
        assert (await first.get("system/health"))["level"] == "ok"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_in_time_with_everything_stored(tmp_path: Path, number: signal.Signals) -> None:
    """In the middle of an event: within five seconds, with status 0, and all that was said is in the file."""
    data = tmp_path / "data"
    url = write_passer(tmp_path / "passer.mp4").as_uri()
    config = f'{BUILTIN}[[cameras]]\nid = "door"\nurl = "{url}"\nloop = true\n'
    async with nightjar(data, config) as server, server.listener("events,detections,system") as listener:
        created = await listener.first(lambda heard: heard.type == "event_created")
        async with asyncio.timeout(STOP_S):
            status = await server.stop(number)
        assert status == 0
        assert server.output.decode().endswith("stopping …\nstopped; everything is stored\n")
        assert "Traceback" not in server.output.decode()
        last = max(heard.message.get("cursor", 0) for heard in listener.heard if heard.data)
    with closing(sqlite3.connect(data / "nightjar.db")) as connection:
        (cursor,) = connection.execute("SELECT max(cursor) FROM outbox").fetchone()
        states = connection.execute("SELECT id, state FROM events").fetchall()
    assert cursor >= last
    assert [row[0] for row in states] == [created.data["id"]]
    assert (await nightjar_command("check", "--data", str(data)))[0] == 0


async def test_a_database_that_cannot_be_written_delays_the_stop_once(tmp_path: Path) -> None:
    """Footage, its recovery and the writer wait for it in turn; together no longer than one of them may."""
    data = tmp_path / "data"
    url = write_passer(tmp_path / "passer.mp4").as_uri()
    config = f'{BUILTIN}[[cameras]]\nid = "door"\nurl = "{url}"\nloop = true\n'
    async with nightjar(data, config) as server, server.listener("events,system") as listener:
        await listener.first(lambda heard: heard.type == "event_created")
        with closing(sqlite3.connect(data / "nightjar.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await listener.first(database_is("failed"))
            async with asyncio.timeout(STOP_S):
                assert await server.stop(signal.SIGTERM) == 0
    output = server.output.decode()
    assert re.search(r"^stopped; \d+ changes could not be stored$", output, re.MULTILINE)
    said = re.findall(r"^(\S+ \S+),(\d+) ERROR .* in time", output, re.MULTILINE)
    times = [datetime.fromisoformat(f"{day}.{ms}") for day, ms in said]
    assert len(times) == 3
    assert times[-1] - times[0] < timedelta(seconds=1)


@pytest.mark.system
async def test_an_event_that_was_cut_off_by_a_kill_is_interrupted(tmp_path: Path) -> None:
    """The next start shows it so, without an invented end, and finds nothing wrong in the database."""
    data = tmp_path / "data"
    url = write_passer(tmp_path / "passer.mp4").as_uri()
    config = f'{BUILTIN}[[cameras]]\nid = "door"\nurl = "{url}"\nloop = true\n'
    async with nightjar(data, config) as server, server.listener("events") as listener:
        created = await listener.first(lambda heard: heard.type == "event_created")
        await server.kill()
    async with nightjar(data, config) as server:
        event = await server.get(f"events/{created.data['id']}")
        assert (event["state"], event["ended_at"]) == ("interrupted", None)
        assert await server.stop() == 0
    assert (await nightjar_command("check", "--data", str(data)))[0] == 0
