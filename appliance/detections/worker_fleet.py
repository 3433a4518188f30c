"""The detection workers of a machine, one for each GPU, which change their model together."""

import asyncio
from collections.abc import Sequence

from appliance.detections.settings import Settings
from appliance.detections.worker_client import NOTHING_ELSE, DetectorInfo, Wish, WorkerClient
from appliance.errors import DeviceFull, ModelError, WorkerLost
from appliance.runtime.clock import Clock


class WorkerFleet:
    """Changes all of them over together. Used from the event loop's thread alone.

    Each has its own life under the supervisor; one that dies stops no other.

    Args:
        clients: at least one.
    """

    def __init__(self, clients: Sequence[WorkerClient]) -> None:
        self._clients = tuple(clients)
        self._wanted = NOTHING_ELSE

    @classmethod
    def of(cls, gpus: Sequence[int], clock: Clock, settings: Settings) -> "WorkerFleet":
        """Return a fleet with a worker for each GPU of these numbers."""
        if len(gpus) == 1:
            return cls([WorkerClient(clock, settings, gpus[0])])
        return cls(
            [WorkerClient(clock, settings, gpu, name=f"Detection worker on GPU {gpu}") for gpu in gpus]
        )

    @property
    def clients(self) -> tuple[WorkerClient, ...]:
        """Each of them."""
        return self._clients

    @property
    def info(self) -> DetectorInfo | None:
        """What is at work, if anything; where they differ, one that is not at what was wanted."""
        there = [client.info for client in self._clients]
        return _farthest([info for info in there if info is not None], self._wanted)

    @property
    def ends(self) -> int:
        """How often one of them has ended so far."""
        return sum(client.ends for client in self._clients)

    @property
    def last_end(self) -> str:
        """How one that has ended did; empty where none has."""
        return next((client.last_end for client in self._clients if client.last_end), "")

    @property
    def refusal(self) -> str:
        """Why one of them could not load its model again after a restart, if so."""
        return next((client.refusal for client in self._clients if client.refusal), "")

    @property
    def lack(self) -> str:
        """Why one of them had no memory to load the wanted model after a restart, if so."""
        return next((client.lack for client in self._clients if client.lack), "")

    async def ready(self) -> DetectorInfo:
        """Wait until a detector is at work with any of them, and return the same as ``info``."""
        while (info := self.info) is None:
            waiting = [asyncio.ensure_future(client.ready()) for client in self._clients]
            try:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in waiting:
                    one.cancel()
        return info

    async def load(self, model: str, back_end: str = "", sha256: str = "") -> DetectorInfo:
        """Change all over that are there, at once; one that is away or ends meanwhile does so by itself.

        Args:
            model: ``builtin`` or the path of a model file.
            back_end: what is to run it; empty for the first that runs such a file.
            sha256: of the file that is meant; as ``Wish``.

        Raises:
            ModelError: one of them refuses it; the others have again what they had before.
            DeviceFull: one of them has no memory for it; likewise.
            WorkerLost: each of them ended meanwhile.
        """
        await self.ready()
        there = {client: client.wanted for client in self._clients if client.info is not None}
        wish = Wish(model, back_end, sha256)
        loads = [client.load(*wish) for client in there]
        results = await asyncio.gather(*loads, return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        refusal = next((one for one in failures if not isinstance(one, WorkerLost)), None)
        changed = {
            client for client, result in zip(there, results, strict=True) if isinstance(result, DetectorInfo)
        }
        if refusal is not None:
            await asyncio.gather(*(_put_back(client, there[client]) for client in changed))
            raise refusal
        if failures and not changed:
            raise failures[0]
        self._wanted = wish
        for client in self._clients:
            if client not in changed:
                client.wish(wish)
        return await self.ready()

    def parts(self) -> dict[str, WorkerClient]:
        """Return each by the name under which it is supervised."""
        if len(self._clients) == 1:
            return {"worker": self._clients[0]}
        return {f"worker on GPU {client.device}": client for client in self._clients}

    def processes(self) -> dict[str, int | None]:
        """Return the pid of each by its name; ``None`` while it has none."""
        return {client.name: client.pid for client in self._clients}


async def _put_back(client: WorkerClient, before: Wish) -> None:
    """Have at work again what was before, or as soon as that can be."""
    try:
        await client.load(*before)
    except (ModelError, DeviceFull, WorkerLost):
        client.wish(before)


def _farthest(infos: Sequence[DetectorInfo], wanted: Wish) -> DetectorInfo | None:
    """Return one that is not what was wanted, or else the first."""
    return min(
        infos,
        key=lambda info: info.model == wanted.model and wanted.back_end in ("", info.back_end),
        default=None,
    )
