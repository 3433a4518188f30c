"""Has previews made by a process of its own, one at a time, so that nothing of the service waits for one."""

import asyncio
import contextlib
import sys
from pathlib import Path

import msgspec

from appliance.errors import NotFound, Overloaded, TemporaryFailure
from appliance.replay.preview import Answer, Question
from appliance.runtime.clock import Clock

DEADLINE_S = 60.0
"""Nobody waits for longer before they save."""


class Previewer:
    """Used from the event loop's thread.

    Args:
        data: the data directory, which is only read.
        clock: for the deadline.
    """

    def __init__(self, data: Path, clock: Clock, deadline_s: float = DEADLINE_S) -> None:
        self._data = data
        self._clock = clock
        self._deadline_s = deadline_s
        self._is_busy = False

    async def preview(self, question: Question) -> bytes:
        """Return the preview as JSON.

        Raises:
            Overloaded: another one is being made.
            NotFound: nothing is stored of that time.
            TemporaryFailure: it took too long, or the process ended before it was done.
        """
        if self._is_busy:
            raise Overloaded("another preview is being made; there is one at a time")
        self._is_busy = True
        try:
            answer = msgspec.json.decode(await self._asked(msgspec.json.encode(question)), type=Answer)
        except msgspec.DecodeError as err:
            raise TemporaryFailure("the process that made the preview ended before it was done") from err
        finally:
            self._is_busy = False
        if answer.problem:
            raise NotFound(answer.problem)
        return bytes(answer.preview)

    async def _asked(self, question: bytes) -> bytes:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "appliance", "preview", "--data", str(self._data)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        talk = asyncio.ensure_future(process.communicate(question))
        late = asyncio.ensure_future(self._clock.sleep(self._deadline_s))
        try:
            await asyncio.wait({talk, late}, return_when=asyncio.FIRST_COMPLETED)
            if not talk.done():
                raise TemporaryFailure(
                    f"the preview took longer than {self._deadline_s:g} s: ask for fewer hours, or one camera"
                )
            answer, _ = talk.result()
            return answer
        finally:
            late.cancel()
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.gather(talk, return_exceptions=True)
