"""A Jetson's GPU is read from recorded sysfs trees."""

from pathlib import Path

import msgspec

from appliance.monitor.jetson import Jetson
from appliance.monitor.stats import GpuStats

ORIN = {
    "class/devfreq/17000000.gpu/cur_freq": "1300500000\n",
    "class/devfreq/17000000.gpu/device/of_node/name": "gpu\0",
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


def lay(folder: Path, tree: dict[str, str]) -> Path:
    """Write a recorded tree and return its root."""
    for name, text in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_an_orins_figures_come_from_its_own_gpu_zone_and_rail(tmp_path: Path) -> None:
    """The load is per mille, the temperature milli-degrees, the power volts times amperes of its rail."""
    assert Jetson(lay(tmp_path, ORIN)).read() == [
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
    root = lay(tmp_path, ORIN)
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
