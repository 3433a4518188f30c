"""Healthy clients in a process of their own: ``python -m tests.support.listeners PORT CLIENTS``.

They hear the ``events`` channel. A message whose summary is ``PHASE NANOSECONDS`` and then anything was
handed to the committer at that instant of the monotonic clock, which all processes of a machine share. When
standard input ends, the delays are printed as JSON: a list of milliseconds for each phase.
"""

import asyncio
import json
import re
import sys
import time
from collections import defaultdict

from aiohttp import ClientSession

Delays = dict[str, list[float]]

SENT = re.compile(r'"summary":"(\w+) (\d+)')


async def listen(http: ClientSession, url: str, ready: asyncio.Semaphore, delays: Delays) -> None:
    """Hear messages until cancelled."""
    async with http.ws_connect(url, max_msg_size=0) as socket:
        async for message in socket:
            now = time.monotonic_ns()
            found = SENT.search(message.data)
            if found is not None:
                delays[found[1]].append((now - int(found[2])) / 1e6)
            elif '"subscribed"' in message.data:
                ready.release()


async def main(port: int, clients: int) -> None:
    """Connect, say so, and listen until standard input ends."""
    delays: Delays = defaultdict(list)
    ready = asyncio.Semaphore(0)
    url = f"http://127.0.0.1:{port}/api/v1/ws?channels=events"
    async with ClientSession() as http:
        tasks = [asyncio.create_task(listen(http, url, ready, delays)) for _ in range(clients)]
        for _ in tasks:
            await ready.acquire()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    sys.stdout.write(json.dumps(delays))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
