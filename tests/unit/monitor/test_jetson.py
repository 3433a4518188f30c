"""A Jetson's GPU is read from recorded sysfs trees."""

from pathlib import Path

import msgspec
import pytest

from appliance.monitor.jetson import Jetson
from appliance.monitor.stats import GpuStats

# What they have in common; the zones and rails are those of the Orin modules.
ORIN = {
    "class/devfreq/17000000.gpu/cur_freq": "1300500000\n",
    "class/devfreq/17000000.gpu/device/of_node/compatible": "nvidia,ga10b\0",
    "class/devfreq/17000000.gpu/device/load": "437\n",
    "class/devfreq/15340000.vic/device/of_node/name": "vic\0",
    "class/devfreq/15340000.vic/device/load": "1000\n",
    "class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "class/thermal/thermal_zone0/temp": "51000\n",
    "class/thermal/thermal_zone1/type": "gpu-thermal\n",
    "class/thermal/thermal_zone1/temp": "48250\n",
    "class/hwmon/hwmon3/name": "ina3221\n",
    "class/hwmon/hwmon3/in1_label": "VDD_IN\n",
    "class/hwmon/hwmon3/in1_input": "19000\n",
    "class/hwmon/hwmon3/curr1_input": "900\n",
    "class/hwmon/hwmon3/in2_label": "VDD_CPU_GPU_CV\n",
    "class/hwmon/hwmon3/in2_input": "5000\n",
    "class/hwmon/hwmon3/curr2_input": "840\n",
    "firmware/devicetree/base/model": "NVIDIA Jetson Orin NX Engineering Reference Developer Kit\0",
}
# Both node names were reported; JetPack 7 keeps Orin's driver, and adds a device of the memory's clock.
ORIN_6 = {**ORIN, "class/devfreq/17000000.gpu/device/of_node/name": "gpu\0"}
ORIN_7 = {
    **ORIN,
    "class/devfreq/17000000.gpu/device/of_node/name": "ga10b\0",
    "class/devfreq/17000000.gpu/governor": "nvhost_podgov\n",
    "class/devfreq/bwmgr/cur_freq": "2133000000\n",
}
# As owners of a Thor with JetPack 7 reported it; the zone and the rail as tegrastats has them.
THOR = {
    "class/devfreq/bwmgr/cur_freq": "4266000000\n",
    "class/devfreq/gpu-gpc-0/cur_freq": "1575000000\n",
    "class/devfreq/gpu-gpc-0/governor": "nvhost_podgov\n",
    "class/devfreq/gpu-nvd-0/cur_freq": "1692000000\n",
    "class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "class/thermal/thermal_zone0/temp": "43000\n",
    "class/thermal/thermal_zone1/type": "gpu-thermal\n",
    "class/thermal/thermal_zone1/temp": "41500\n",
    "class/hwmon/hwmon4/name": "ina3221\n",
    "class/hwmon/hwmon4/in1_label": "VDD_GPU\n",
    "class/hwmon/hwmon4/in1_input": "12000\n",
    "class/hwmon/hwmon4/curr1_input": "1500\n",
    "class/hwmon/hwmon5/name": "ina238\n",
    "class/hwmon/hwmon5/in1_label": "VIN\n",
    "class/hwmon/hwmon5/power1_input": "61000000\n",
    "firmware/devicetree/base/model": "NVIDIA Jetson AGX Thor Developer Kit\0",
}


def lay(folder: Path, tree: dict[str, str]) -> Path:
    """Write a recorded tree and return its root."""
    for name, text in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize("tree", [ORIN_6, ORIN_7], ids=["JetPack 6", "JetPack 7"])
def test_an_orins_figures_come_from_its_own_gpu_zone_and_rail(tree: dict[str, str], tmp_path: Path) -> None:
    """The load is per mille, the temperature milli-degrees, the power volts times amperes of its rail."""
    assert Jetson(lay(tmp_path, tree)).read() == [
        GpuStats(
            0,
            "NVIDIA Jetson Orin NX Engineering Reference Developer Kit",
            utilization_percent=43.7,
            temperature_c=48.25,
            power_w=4.2,
            power_rail="VDD_CPU_GPU_CV",
            clock_hz=1_300_500_000,
        )
    ]


def test_a_thors_clock_zone_and_rail_are_told_and_no_load(tmp_path: Path) -> None:
    """Its utilisation is NVML's: the kernel has none, and says nothing of the video engines' clock either."""
    assert Jetson(lay(tmp_path, THOR)).read() == [
        GpuStats(
            0,
            "NVIDIA Jetson AGX Thor Developer Kit",
            temperature_c=41.5,
            power_w=18.0,
            power_rail="VDD_GPU",
            clock_hz=1_575_000_000,
        )
    ]


def test_a_thor_whose_zones_and_rails_are_called_otherwise_lacks_only_those(tmp_path: Path) -> None:
    """What a release to come may call them is not guessed."""
    words = {"gpu-thermal": "soc2-thermal", "VDD_GPU": "VDD_A"}
    tree = {name: words.get(text.strip(), text.strip()) for name, text in THOR.items()}
    (stats,) = Jetson(lay(tmp_path, tree)).read()
    assert (stats.clock_hz, stats.temperature_c, stats.power_w) == (1_575_000_000, None, None)


def test_what_the_kernel_does_not_say_is_absent_and_not_zero(tmp_path: Path) -> None:
    """An old Xavier without power monitor and with a refused load has neither key in its JSON."""
    tree = {
        "class/devfreq/17000000.gv11b/device/of_node/name": "gv11b\0",
        "class/devfreq/17000000.gv11b/device/load": "\n",
    }
    (stats,) = Jetson(lay(tmp_path, tree)).read()
    assert msgspec.json.decode(msgspec.json.encode(stats)) == {"index": 0, "name": "NVIDIA Jetson"}


def test_a_file_that_refuses_to_be_read_is_absent(tmp_path: Path) -> None:
    """A suspended GPU's files exist and cannot be read."""
    root = lay(tmp_path, ORIN_6)
    load = root / "class/devfreq/17000000.gpu/device/load"
    load.unlink()
    load.mkdir()
    (stats,) = Jetson(root).read()
    assert stats.utilization_percent is None
    assert stats.temperature_c == 48.25


def test_another_makers_gpu_is_none_of_ours(tmp_path: Path) -> None:
    """A Mali's device-tree node is called ``gpu`` as well."""
    tree = {
        "class/devfreq/fb000000.gpu/device/of_node/name": "gpu\0",
        "class/devfreq/fb000000.gpu/device/of_node/compatible": "rockchip,rk3588-mali\0",
        "class/devfreq/fb000000.gpu/device/load": "10",
    }
    assert Jetson(lay(tmp_path, tree)).read() == []


def test_a_machine_without_sysfs_has_no_gpu(tmp_path: Path) -> None:
    """Nothing is read, nothing is raised."""
    assert Jetson(tmp_path / "nowhere").read() == []
