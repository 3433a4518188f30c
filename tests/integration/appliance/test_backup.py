"""The running service is backed up while it works, restored, and started again on a database of no use."""

import asyncio
import os
from pathlib import Path

import pytest

from appliance.domain.time import WallUs
from appliance.runtime.clock import SystemClock
from appliance.store.times import iso_of_us
from tests.support.passer import write_passer
from tests.support.server import Server, nightjar, nightjar_command

pytestmark = pytest.mark.timeout(240)

LONGEST_S = 60.0
START_S = 30.0
"""So soon the service has to be up again, on whatever it finds."""


def config_of(folder: Path, more: str = "") -> str:
    """Return a configuration with two cameras past which somebody walks all the time."""
    url = write_passer(folder / "passer.mp4").as_uri()
    cameras = "".join(
        f'[[cameras]]\nid = "{name}"\nurl = "{url}"\nloop = true\n' for name in ("door", "yard")
    )
    return f'[detector]\nmodel = "builtin"\nfetch = false\n{more}{cameras}'


async def command(*arguments: str) -> str:
    """Run a command, which has to succeed and say one line."""
    status, output = await nightjar_command(*arguments)
    assert status == 0, output
    assert output.count("\n") == 1, output
    return output


async def recorded(server: Server, seconds: float) -> float:
    """Wait until so much footage of the door is told of, and return how much."""
    deadline = asyncio.get_running_loop().time() + LONGEST_S
    while (total := await footage_s(server)) < seconds:
        assert asyncio.get_running_loop().time() < deadline, f"{total} s of footage; expected {seconds}"
        await SystemClock().sleep(0.2)
    return total


async def footage_s(server: Server) -> float:
    """Return how many seconds of footage of the door are told of."""
    now_us = SystemClock().wall_us()
    hours = [iso_of_us(WallUs(now_us + hour * 3_600_000_000)) for hour in (-1, 1)]
    told = await server.get("cameras/door/footage", **{"from": hours[0], "to": hours[1]})
    return float(told["recorded_s"])


async def test_a_backup_of_a_busy_service_is_restored_with_its_footage(tmp_path: Path) -> None:
    """Nothing is held up meanwhile; what was recorded since is found on the disk, and nothing differs."""
    data, file, config = tmp_path / "data", str(tmp_path / "b.tar"), config_of(tmp_path)
    where = ["--data", str(data), "--config", str(tmp_path / "data.toml")]
    async with nightjar(data, config) as server:
        await server.until("events", 30)
        await recorded(server, 3)
        for _ in range(3):
            await command("backup", file, *where)
        assert "can be restored" in await command("restore", file, "--verify", *where)
        database = await server.get("system/database")
        assert database["backup"]["verified"] is True
        assert database["waiting"] < 1000
        epoch = (await server.get("system/version"))["epoch"]
        before = await recorded(server, await footage_s(server) + 4)
        status, output = await nightjar_command("restore", file, *where)
        assert (status, "stop it" in output) == (1, True)
    line = await command("restore", file, *where)
    assert "files found again, 0 missing" in line
    assert "the former database lies at" in line
    assert "no differences found" in await command("check", *where)
    async with nightjar(data, config) as server:
        assert (await server.get("system/version"))["epoch"] != epoch
        assert await recorded(server, before - 2) > 0
        assert (await server.every("events")) != []
    assert "no differences found" in await command("check", *where)


@pytest.mark.parametrize("size", [4096, pytest.param(0, marks=pytest.mark.system)])
async def test_a_service_without_a_sound_database_is_up_again_with_its_footage(
    tmp_path: Path, size: int
) -> None:
    """F21: from the last backup, in 30 s, with one word of it in the health, and the bad file aside."""
    data, backups = tmp_path / "data", tmp_path / "backups"
    backups.mkdir()
    config = config_of(tmp_path, f'[backup]\nfolder = "{backups}"\n')
    async with nightjar(data, config) as server:
        status, _ = await server.ask("POST", "cameras", {"name": "By hand", "address": "rtsp://192.0.2.7/x"})
        assert status == 201
        await recorded(server, 3)
        await command("backup", str(backups / "b.tar"), "--data", str(data))
        before = await recorded(server, await footage_s(server) + 4)
    for name in ("nightjar.db-wal", "nightjar.db-shm"):
        (data / name).unlink(missing_ok=True)
    with (data / "nightjar.db").open("r+b") as file:
        file.truncate(size)
        file.write(os.urandom(size))
    begun = asyncio.get_running_loop().time()
    async with nightjar(data, config) as server:
        assert asyncio.get_running_loop().time() - begun < START_S
        health = await server.get("system/health")
        (part,) = [part for part in health["parts"] if part["part"] == "database file"]
        assert part["level"] == "degraded"
        assert "it was restored from the backup" in part["reason"]
        assert {one["name"] for one in (await server.get("cameras"))["items"]} == {"door", "yard", "By hand"}
        await recorded(server, before - 2)
        (copy,) = (await server.get("system/database"))["copies"]
        assert copy["name"].startswith("nightjar.db.corrupt.")
    async with nightjar(data, config) as server:
        parts = {part["part"] for part in (await server.get("system/health"))["parts"]}
        assert "database file" not in parts
    assert "no differences found" in await command("check", "--data", str(data))
