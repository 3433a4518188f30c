"""GPU statistics of a Jetson from the kernel's sysfs, where NVML says little or nothing.

Up to Orin, with JetPack 7 as well, the integrated GPU is a devfreq device whose device-tree node has the
GPU's name; its ``load`` is in per mille (nvgpu's own scale, which tegrastats shows as ``GR3D_FREQ``). That of
a Thor is behind PCI: its devfreq device ``gpu-gpc-0`` has neither that node nor a load, only the clock. The
power monitor is an INA3221 with labelled rails, in millivolts and milliamperes.

No Jetson was at hand: the names are those that owners of such devices reported. What the thermal zones and
the rails of a Thor are called was not confirmed for every release; under another name their figure is absent.
"""

from pathlib import Path

from appliance.monitor.stats import GpuStats

NODE_NAMES = frozenset({"gm20b", "gp10b", "gv11b", "ga10b", "gb10b", "gpu"})
"""Tegra X1, X2, Xavier, Orin, Thor; and what newer device trees call all of them."""
CORES = "gpu-gpc-"
"""How the devfreq devices of a Thor's computing cores begin; ``gpu-nvd-0`` is that of the video engines."""


class Jetson:
    """Reads a Jetson's integrated GPU; on any other machine it finds nothing.

    Args:
        sysfs: where sysfs is mounted; tests give a recorded tree.
    """

    def __init__(self, sysfs: Path = Path("/sys")) -> None:
        self._sysfs = sysfs

    def read(self) -> list[GpuStats]:
        """Return the integrated GPU, or an empty list. Blocks for under a millisecond."""
        devices = sorted(self._sysfs.glob("class/devfreq/*"))
        return [self._stats(device) for device in devices if _is_gpu(device)][:1]

    def _stats(self, device: Path) -> GpuStats:
        load = _number(device / "device/load")
        clock = _number(device / "cur_freq")
        power_w, rail = self._power()
        return GpuStats(
            0,
            _text(self._sysfs / "firmware/devicetree/base/model") or "NVIDIA Jetson",
            utilization_percent=None if load is None else min(load / 10, 100.0),
            temperature_c=self._temperature_c(),
            power_w=power_w,
            power_rail=rail,
            clock_hz=None if clock is None else int(clock),
        )

    def _temperature_c(self) -> float | None:
        for zone in sorted(self._sysfs.glob("class/thermal/thermal_zone*")):
            if (_text(zone / "type") or "").lower().startswith("gpu"):
                milli = _number(zone / "temp")
                return None if milli is None else milli / 1000
        return None

    def _power(self) -> tuple[float | None, str | None]:
        """Return watts and the rail that they are measured on: on small Jetsons CPU and GPU share one."""
        for label in sorted(self._sysfs.glob("class/hwmon/hwmon*/in*_label")):
            rail = _text(label) or ""
            if "GPU" in rail.upper():
                channel = label.name.removeprefix("in").removesuffix("_label")
                milli_volts = _number(label.with_name(f"in{channel}_input"))
                milli_amperes = _number(label.with_name(f"curr{channel}_input"))
                if milli_volts is not None and milli_amperes is not None:
                    return milli_volts * milli_amperes / 1e6, rail
        return None, None


def _is_gpu(device: Path) -> bool:
    """Return whether a devfreq device is NVIDIA's: other makers' boards have a node called ``gpu``, too."""
    if device.name.startswith(CORES):
        return True
    node = device / "device/of_node"
    maker = _text(node / "compatible")
    return _text(node / "name") in NODE_NAMES and (maker is None or maker.startswith("nvidia,"))


def _text(path: Path) -> str | None:
    """Return a file's text without the NUL that ends device-tree strings; ``None`` if it cannot be read.

    A suspended GPU's files exist and refuse to be read (EAGAIN), so only reading tells.
    """
    try:
        return path.read_text(errors="replace").strip("\0\n ")
    except OSError:
        return None


def _number(path: Path) -> float | None:
    try:
        return float(_text(path) or "")
    except ValueError:
        return None
