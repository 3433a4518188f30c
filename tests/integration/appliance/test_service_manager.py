"""What a service manager hears of the real service, from the start to the end."""

import asyncio
import os
import signal
from pathlib import Path

from tests.support.notified import Notified, notified
from tests.support.server import nightjar

BUILTIN = '[detector]\nmodel = "builtin"\n'


async def test_the_service_says_that_it_is_ready_alive_and_stopping(tmp_path: Path) -> None:
    """Ready once it answers, not before; fed by the running loop; and it says so when it goes."""
    with notified(tmp_path) as heard:
        environment = {"NOTIFY_SOCKET": heard.name, "WATCHDOG_USEC": "600000"}
        async with nightjar(tmp_path / "data", BUILTIN, environment=environment) as server:
            said = heard.take()
            assert said[0] == "STATUS=opening the database"
            assert "READY=1" in said
            fed = [await asyncio.to_thread(heard.next, 5.0) for _ in range(3)]
            assert any("WATCHDOG=1" in lines for lines in fed)
            await server.stop(signal.SIGTERM)
        assert "STOPPING=1" in heard.take()


async def test_a_service_that_hangs_is_not_said_to_live(tmp_path: Path) -> None:
    """Whoever watches gets nothing any more and starts it anew."""
    with notified(tmp_path) as heard:
        environment = {"NOTIFY_SOCKET": heard.name, "WATCHDOG_USEC": "300000"}
        async with nightjar(tmp_path / "data", BUILTIN, environment=environment) as server:
            await asyncio.to_thread(heard.next, 5.0)
            os.kill(server.process.pid, signal.SIGSTOP)
            heard.take()
            assert await asyncio.to_thread(silent, heard)
            os.kill(server.process.pid, signal.SIGCONT)


def silent(heard: Notified) -> bool:
    """Return whether nothing comes for four times as long as it should take."""
    try:
        heard.next(0.4)
    except TimeoutError:
        return True
    return False
