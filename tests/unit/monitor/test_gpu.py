"""Each figure comes from where the machine has it."""

from pathlib import Path

from appliance.monitor.gpu import MachineGpus
from appliance.monitor.jetson import Jetson
from appliance.monitor.nvml import Nvml
from tests.support.nvml import FakeNvml, Rates


def orin(folder: Path) -> Jetson:
    """Return a Jetson with a GPU at a load of 25 per cent."""
    device = folder / "class/devfreq/17000000.gpu/device"
    (device / "of_node").mkdir(parents=True)
    (device / "of_node/name").write_text("ga10b\0")
    (device / "load").write_text("250")
    return Jetson(folder)


def test_without_any_gpu_the_list_is_empty(tmp_path: Path) -> None:
    """No GPU is not a GPU with zeros."""
    assert MachineGpus(Nvml(FakeNvml(absent=True)), Jetson(tmp_path)).read() == []


def test_where_nvml_is_silent_the_kernel_answers(tmp_path: Path) -> None:
    """JetPack 5 has no NVML."""
    (stats,) = MachineGpus(Nvml(FakeNvml(absent=True)), orin(tmp_path)).read()
    assert stats.utilization_percent == 25.0


def test_where_nvml_knows_only_the_name_the_kernel_fills_in_the_rest(tmp_path: Path) -> None:
    """JetPack 6's NVML names the GPU and gives no utilisation."""
    nvml = Nvml(FakeNvml([{"nvmlDeviceGetName": "Orin (nvgpu)"}]))
    (stats,) = MachineGpus(nvml, orin(tmp_path)).read()
    assert (stats.name, stats.utilization_percent) == ("Orin (nvgpu)", 25.0)


def test_a_card_beside_is_reported_by_nvml_alone(tmp_path: Path) -> None:
    """What NVML answers is not mixed with another device's figures."""
    nvml = Nvml(FakeNvml([{"nvmlDeviceGetUtilizationRates": Rates(80)}]))
    (stats,) = MachineGpus(nvml, orin(tmp_path)).read()
    assert stats.utilization_percent == 80.0
