"""A time that several waits share: a chain of them is no longer than one."""

import asyncio
from collections.abc import Coroutine

from appliance.domain.time import NS_PER_S
from appliance.runtime.clock import Clock


class Allowance:
    """So many seconds for all waits together; what is done between them takes nothing of it.

    Args:
        total_s: 0 or more.
    """

    def __init__(self, clock: Clock, total_s: float) -> None:
        self._clock = clock
        self._left_ns = round(total_s * NS_PER_S)

    async def wait_for(self, work: Coroutine[object, object, object]) -> bool:
        """Wait until the work is done, and return True, or nothing is left: then it is cancelled.

        Where nothing is left from the start, work that need not wait is done all the same.

        Raises:
            Exception: whatever the work raised.
        """
        began_ns = self._clock.monotonic_ns()
        doing = asyncio.ensure_future(work)
        limit = asyncio.ensure_future(self._clock.sleep(self._left_ns / NS_PER_S))
        try:
            await asyncio.wait({doing, limit}, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                await doing
                return True
            return False
        finally:
            doing.cancel()
            limit.cancel()
            await asyncio.wait({doing, limit})
            self._left_ns = max(0, self._left_ns - (self._clock.monotonic_ns() - began_ns))
