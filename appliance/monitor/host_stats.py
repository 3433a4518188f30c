"""The wire form of what is told of the machine; what could not be read is null, never 0."""

import msgspec


class ProcessStats(msgspec.Struct, frozen=True):
    """One of our own processes.

    Attributes:
        name: what it does, for a person.
        cpu_percent: over the last seconds; 100 is one whole core.
        memory_bytes: that it holds in memory, what it shares with others included.
    """

    name: str
    cpu_percent: float | None
    memory_bytes: int
    threads: int


class Temperature(msgspec.Struct, frozen=True):
    """One sensor; ``limit_c`` is where its device says that it becomes too hot."""

    name: str
    celsius: float
    limit_c: float | None = None


class HostStats(msgspec.Struct, frozen=True, kw_only=True):
    """The machine at one moment; what could not be read is null.

    Attributes:
        cpu_percent: the share of all cores' time that was used over the last seconds, 0 to 100.
        core_percents: likewise of each core.
        load: processes that ran or waited, on average of the last 1, 5 and 15 minutes.
        memory_available_bytes: what programs could still get without swapping.
        uptime_s: since the machine's start.
        clock_synchronised: the kernel was told that the clock is kept right; false: it was told the contrary.
    """

    cpu_percent: float | None = None
    core_percents: list[float | None] = []
    load: list[float] | None = None
    memory_total_bytes: int | None = None
    memory_available_bytes: int | None = None
    swap_total_bytes: int | None = None
    swap_used_bytes: int | None = None
    processes: list[ProcessStats] = []
    temperatures: list[Temperature] = []
    uptime_s: float | None = None
    clock_synchronised: bool | None = None

    @property
    def memory_percent(self) -> float | None:
        """The share of the memory that programs could not get any more, 0 to 100."""
        total, available = self.memory_total_bytes, self.memory_available_bytes
        return None if not total or available is None else 100 * (1 - available / total)
