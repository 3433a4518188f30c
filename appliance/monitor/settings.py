"""What can be tuned about watching the machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How often the machine is looked at, and what is too little disk.

    Attributes:
        gpu_every_s: between two ``gpu_stats`` messages.
        camera_stats_every_s: between two ``camera_stats`` messages.
        health_every_s: between two ``health`` messages while nothing changes.
        machine_every_s: between two looks at the disk and the clock.
        host_every_s: between two looks at CPU, memory and temperatures.
        disk_low_ratio: the part of the data's disk below which free space is reported as low.
        disk_low_bytes: free space below this is always reported as low.
    """

    gpu_every_s: float = 2.0
    camera_stats_every_s: float = 5.0
    health_every_s: float = 30.0
    machine_every_s: float = 10.0
    host_every_s: float = 5.0
    disk_low_ratio: float = 0.05
    disk_low_bytes: int = 1 << 30
