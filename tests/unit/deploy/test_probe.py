"""What the probe finds on each kind of machine that Nightjar is made for.

The machines are in tests/support/machines.py: written after documented formats, none recorded from a real
device.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.machines import (
    DEBIAN_12,
    DEBIAN_13,
    NVIDIA_CLOSED,
    NVIDIA_OPEN,
    UBUNTU_22,
    UBUNTU_24,
    Recorded,
    gpu,
    jetson,
    pc,
    with_gpu,
)
from tests.support.source import ROOT

ORIN = jetson("NVIDIA Jetson AGX Orin Developer Kit", ("39", "2.0"), "226 drm\n480 nvhost\n481 nvgpu\n")
THOR = jetson(
    "NVIDIA Jetson AGX Thor Developer Kit", ("39", "2.0"), "195 nvidia\n226 drm\n510 nvidia-uvm\n"
).with_({"proc/driver/nvidia/version": NVIDIA_OPEN.format("aarch64", "595.78"), "dev/host1x-fence": ""})
GEFORCE = gpu("0x10de", "nvidia")
DRIVER_550, DRIVER_580 = NVIDIA_CLOSED.format("550.54.14"), NVIDIA_OPEN.format("x86_64", "580.95.05")
INTEL = gpu("0x8086", "i915", "0000:00:02.0")
NO_GPU = "there is no GPU that Nightjar can use; detection runs on the processor, with OpenVINO"
BOOKWORM, TRIXIE, NOBLE = pc(DEBIAN_12, "3.11"), pc(DEBIAN_13, "3.13"), pc(UBUNTU_24, "3.12")


def probed(machine: Recorded, root: Path) -> Any:
    """Run the probe as a box does, and return what it prints."""
    command = [sys.executable, "-I", str(ROOT / "deploy/probe"), "--root", str(machine.write(root))]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize(
    ("machine", "name", "python", "extra", "reason"),
    [
        (ORIN, "Ubuntu 24.04.4 LTS", "3.12", "gpu", "JetPack 7.2 speaks CUDA 13"),
        (THOR, "Ubuntu 24.04.4 LTS", "3.12", "gpu", "JetPack 7.2 speaks CUDA 13"),
        (BOOKWORM, "Debian GNU/Linux 12 (bookworm)", "3.11", "openvino", NO_GPU),
        (TRIXIE, "Debian GNU/Linux 13 (trixie)", "3.13", "openvino", NO_GPU),
        (NOBLE, "Ubuntu 24.04.4 LTS", "3.12", "openvino", NO_GPU),
        *(
            (
                with_gpu(system, GEFORCE, DRIVER_580),
                name,
                python,
                "gpu",
                "NVIDIA's driver 580.95.05 speaks CUDA 13",
            )
            for system, name, python in (
                (BOOKWORM, "Debian GNU/Linux 12 (bookworm)", "3.11"),
                (TRIXIE, "Debian GNU/Linux 13 (trixie)", "3.13"),
                (NOBLE, "Ubuntu 24.04.4 LTS", "3.12"),
            )
        ),
        *(
            (
                *(with_gpu(system, GEFORCE, DRIVER_550), name, python, "openvino"),
                "NVIDIA's driver 550.54.14 speaks CUDA 12, torch needs CUDA 13, hence a driver from 580 on; "
                "until then detection runs on the processor, with OpenVINO",
            )
            for system, name, python in (
                (BOOKWORM, "Debian GNU/Linux 12 (bookworm)", "3.11"),
                (NOBLE, "Ubuntu 24.04.4 LTS", "3.12"),
            )
        ),
        (
            *(with_gpu(TRIXIE, gpu("0x10de", "nouveau")), "Debian GNU/Linux 13 (trixie)", "3.13", "openvino"),
            "there is an NVIDIA GPU, but its driver is not loaded: install it, then run this again; until "
            "then detection runs on the processor, with OpenVINO",
        ),
        (
            *(with_gpu(BOOKWORM, INTEL), "Debian GNU/Linux 12 (bookworm)", "3.11", "openvino"),
            "an Intel GPU decodes video (Quick Sync); detection runs on the processor, with OpenVINO",
        ),
    ],
)
def test_each_machine_gets_its_extra_and_is_told_why(
    machine: Recorded, name: str, python: str, extra: str, reason: str, tmp_path: Path
) -> None:
    """Torch is gigabytes: it goes where its CUDA works, and nowhere else."""
    found = probed(machine, tmp_path)
    assert found["distribution"]["name"] == name
    assert found["python"] == {"version": python, "venv": True}
    assert (found["extra"], found["reason"]) == (extra, reason)
    assert (found["packages"], found["problems"]) == ([], [])


def test_an_orin_is_known_with_the_devices_that_its_unit_needs(tmp_path: Path) -> None:
    """Its GPU is on no PCI bus: the unit names the kernel's devices for it."""
    found = probed(ORIN, tmp_path)
    assert found["board"] == "NVIDIA Jetson AGX Orin Developer Kit"
    assert found["architecture"] == "aarch64"
    assert found["jetson"] == {"l4t": "39.2.0", "jetpack": "7.2", "module": "Orin", "cuda": 13}
    assert (found["gpus"], found["nvidia"], found["video_devices"]) == ([], None, ["/dev/video0"])
    assert found["unit"] == {
        "groups": ["video", "render"],
        "devices": ["char-nvgpu", "char-nvhost", "/dev/nvmap"],
    }


def test_a_thor_is_known_by_its_driver_as_well(tmp_path: Path) -> None:
    """It has the PC's open driver."""
    found = probed(THOR, tmp_path)
    assert found["jetson"] == {"l4t": "39.2.0", "jetpack": "7.2", "module": "Thor", "cuda": 13}
    assert found["nvidia"] == {"driver": "595.78", "cuda": 13}
    assert found["unit"]["devices"] == ["char-nvidia", "char-nvidia-uvm", "/dev/nvmap", "/dev/host1x-fence"]


@pytest.mark.parametrize(
    ("release", "jetpack"),
    [
        (("38", "2.1"), "7.0"),
        (("38", "4.0"), "7.1"),
        (("39", "2.0"), "7.2"),
        (("36", "4.3"), "6"),
        (("47", "1"), None),
    ],
)
def test_jetpack_is_told_by_the_release_of_jetson_linux(
    release: tuple[str, str], jetpack: str | None, tmp_path: Path
) -> None:
    """One that is not known yet is said to be just that, and no extra is guessed for it."""
    found = probed(jetson("NVIDIA Jetson AGX Thor Developer Kit", release, ""), tmp_path)
    assert found["jetson"]["jetpack"] == jetpack
    assert found["extra"] == ("gpu" if jetpack in {"7.0", "7.1", "7.2"} else "none")


def test_a_pc_is_known_by_its_board_and_cards(tmp_path: Path) -> None:
    """Each card with its driver; NVIDIA's names its model."""
    card = "proc/driver/nvidia/gpus/0000:01:00.0/information"
    machine = with_gpu(with_gpu(NOBLE, INTEL), GEFORCE, DRIVER_580)
    found = probed(machine.with_({card: "Model: \t\t NVIDIA GeForce RTX 3060\nIRQ:   \t\t 150\n"}), tmp_path)
    assert found["board"] == "ASRock N100DC-ITX"
    assert [(one["vendor"], one["driver"], one["name"]) for one in found["gpus"]] == [
        ("intel", "i915", None),
        ("nvidia", "nvidia", "NVIDIA GeForce RTX 3060"),
    ]
    assert found["unit"] == {"groups": ["video", "render"], "devices": []}


@pytest.mark.parametrize(
    ("machine", "recommended"),
    [
        (with_gpu(BOOKWORM, INTEL), ["intel-media-va-driver", "libmfx-gen1.2"]),
        (
            with_gpu(BOOKWORM, INTEL).with_({"usr/lib/x86_64-linux-gnu/dri/iHD_drv_video.so": ""}),
            ["libmfx-gen1.2"],
        ),
        (with_gpu(BOOKWORM, GEFORCE, DRIVER_580), ["libnvcuvid1"]),
        (with_gpu(NOBLE, GEFORCE, DRIVER_580), ["libnvidia-decode-580"]),
        (with_gpu(NOBLE, GEFORCE, DRIVER_580).with_({"usr/lib/x86_64-linux-gnu/libnvcuvid.so.1": ""}), []),
        (BOOKWORM, []),
    ],
)
def test_what_a_gpu_decodes_with_is_recommended_where_it_is_missing(
    machine: Recorded, recommended: list[str], tmp_path: Path
) -> None:
    """By the name of the distribution's package."""
    assert probed(machine, tmp_path)["recommended"] == recommended


def test_a_bare_machine_is_told_what_to_install(tmp_path: Path) -> None:
    """The names are those of Debian and Ubuntu."""
    files = {
        name: text for name, text in BOOKWORM.files.items() if "ensurepip" not in name and "ssl" not in name
    }
    found = probed(Recorded(files, BOOKWORM.links), tmp_path)
    assert found["packages"] == ["python3-venv", "ca-certificates"]


def test_a_python_that_is_too_old_is_a_problem(tmp_path: Path) -> None:
    """JetPack 6 is one with it."""
    assert probed(pc(UBUNTU_22, "3.10"), tmp_path)["problems"] == [
        "Python 3.10 is too old; 3.11 or newer is needed"
    ]


def test_a_machine_without_the_groups_gets_a_unit_without_them(tmp_path: Path) -> None:
    """A unit that names a group that is not there would not start."""
    assert probed(BOOKWORM.with_({"etc/group": "root:x:0:\nvideo:x:44:\n"}), tmp_path)["unit"]["groups"] == [
        "video"
    ]


def test_this_very_machine_can_be_looked_at() -> None:
    """Whatever it is: all keys are there."""
    done = subprocess.run([str(ROOT / "deploy/probe")], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["architecture"]
    assert found["extra"] in {"gpu", "openvino", "none"}
