"""Recorded machines, as trees of short files for ``deploy/probe``.

They are written after documented formats, not copied from devices: ``os-release(5)``, ``group(5)``,
``proc(5)``, sysfs's PCI devices (Documentation/ABI/testing/sysfs-bus-pci), the README of NVIDIA's driver for
/proc/driver/nvidia, and the Jetson Linux Developer Guide for /etc/nv_tegra_release and the device tree's
model. Which character devices a Jetson with JetPack 7.2 has, and the numbers of releases, drivers and PCI
addresses, are examples: no such device was at hand.
"""

from dataclasses import dataclass, field
from pathlib import Path

PASSWD_GROUPS = "root:x:0:\nvideo:x:44:\nrender:x:105:\n"

DEBIAN_12 = (
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n'
)
DEBIAN_13 = (
    'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nID=debian\n'
)
UBUNTU_24 = 'PRETTY_NAME="Ubuntu 24.04.4 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n'
UBUNTU_22 = 'PRETTY_NAME="Ubuntu 22.04.5 LTS"\nNAME="Ubuntu"\nVERSION_ID="22.04"\nID=ubuntu\nID_LIKE=debian\n'

NVIDIA_CLOSED = (
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  {}  Thu Feb 22 01:44:30 UTC 2025\n"
    "GCC version:  gcc version 13.2.0 (Ubuntu 13.2.0-23ubuntu4)\n"
)
NVIDIA_OPEN = (
    "NVRM version: NVIDIA UNIX Open Kernel Module for {}  {}  Release Build  (builder@host)  \n"
    "GCC version:  gcc version 14.2.0 (Debian 14.2.0-19)\n"
)
TEGRA_RELEASE = (
    "# R{} (release), REVISION: {}, GCID: 1, BOARD: generic, EABI: aarch64, DATE: Mon Jun  1 00:00 UTC 2026\n"
    "# KERNEL_VARIANT: oot\n"
    "TARGET_USERSPACE_LIB_DIR=nvidia\n"
)
PCI_CLASS = "0x030000\n"


@dataclass
class Recorded:
    """A machine's files by path, and its symbolic links."""

    files: dict[str, str]
    links: dict[str, str] = field(default_factory=dict)

    def write(self, root: Path) -> Path:
        """Write the tree below ``root`` and return it."""
        for name, text in self.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for name, target in self.links.items():
            link = root / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(target)
        return root

    def with_(self, files: dict[str, str], links: dict[str, str] | None = None) -> "Recorded":
        """Return this machine with more files."""
        return Recorded(self.files | files, self.links | (links or {}))


def pc(system: str, python: str) -> Recorded:
    """Return a PC without a GPU."""
    return Recorded(
        {
            "proc/sys/kernel/arch": "x86_64\n",
            "sys/class/dmi/id/board_vendor": "ASRock\n",
            "sys/class/dmi/id/board_name": "N100DC-ITX\n",
            **_system(system, python),
        },
        {"usr/bin/python3": f"python{python}"},
    )


def jetson(model: str, release: tuple[str, str], devices: str) -> Recorded:
    """Return a Jetson with Ubuntu 24.04; ``devices`` are the character devices of /proc/devices."""
    return Recorded(
        {
            "proc/sys/kernel/arch": "aarch64\n",
            "proc/device-tree/model": f"{model}\0",
            "proc/devices": f"Character devices:\n  1 mem\n 10 misc\n{devices}\nBlock devices:\n 7 loop\n",
            "etc/nv_tegra_release": TEGRA_RELEASE.format(*release),
            "dev/nvmap": "",
            "dev/video0": "",
            **_system(UBUNTU_24, "3.12"),
        },
        {"usr/bin/python3": "python3.12"},
    )


def gpu(vendor: str, driver: str | None, address: str = "0000:01:00.0") -> Recorded:
    """Return what a GPU adds to a PC: its place on the bus and the kernel's driver."""
    folder = f"sys/bus/pci/devices/{address}"
    links = {} if driver is None else {f"{folder}/driver": f"../../../../bus/pci/drivers/{driver}"}
    return Recorded({f"{folder}/vendor": f"{vendor}\n", f"{folder}/class": PCI_CLASS}, links)


def with_gpu(machine: Recorded, card: Recorded, driver_says: str = "") -> Recorded:
    """Return a machine with a GPU and, if it is NVIDIA's, what its driver says of itself."""
    said = {"proc/driver/nvidia/version": driver_says} if driver_says else {}
    return machine.with_(card.files | said, card.links)


def _system(system: str, python: str) -> dict[str, str]:
    return {
        "etc/os-release": system,
        "etc/group": PASSWD_GROUPS,
        "etc/ssl/certs/ca-certificates.crt": "",
        f"usr/lib/python{python}/ensurepip/__init__.py": "",
    }
