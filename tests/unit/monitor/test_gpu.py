"""Each figure comes from where the machine has it."""

from dataclasses import dataclass, field

from appliance.monitor.gpu import MachineGpus
from appliance.monitor.stats import GpuProcess, GpuStats

ORIN = GpuStats(0, "NVIDIA Jetson Orin NX", utilization_percent=25.0, temperature_c=48.0, clock_hz=1)
THOR = GpuStats(0, "NVIDIA Jetson AGX Thor Developer Kit", clock_hz=1_500_000_000, power_w=9.0)


@dataclass
class Says:
    """A reader that finds what a test chooses."""

    gpus: list[GpuStats] = field(default_factory=list)

    def read(self) -> list[GpuStats]:
        """Return them."""
        return self.gpus


def read(by_nvml: list[GpuStats], by_kernel: list[GpuStats]) -> list[GpuStats]:
    """Return what comes of both."""
    return MachineGpus(Says(by_nvml), Says(by_kernel)).read()


def test_without_any_gpu_the_list_is_empty() -> None:
    """No GPU is not a GPU with zeros."""
    assert read([], []) == []


def test_where_nvml_is_silent_the_kernel_answers() -> None:
    """JetPack 5 has no NVML."""
    assert read([], [ORIN]) == [ORIN]


def test_where_nvml_knows_only_the_name_the_kernel_fills_in_the_rest() -> None:
    """An Orin's NVML names the GPU and gives no utilisation."""
    (stats,) = read([GpuStats(0, "Orin (nvgpu)", driver="540.4.0")], [ORIN])
    assert (stats.name, stats.utilization_percent, stats.driver) == ("Orin (nvgpu)", 25.0, "540.4.0")


def test_an_orins_nvml_that_answers_with_zeros_is_not_believed() -> None:
    """Some releases answer instead of refusing; the kernel's figures are measured."""
    (stats,) = read([GpuStats(0, "Orin (nvgpu)", utilization_percent=0.0, temperature_c=0.0)], [ORIN])
    assert (stats.utilization_percent, stats.temperature_c) == (25.0, 48.0)


def test_a_thors_utilisation_is_nvmls_and_its_clock_the_kernels() -> None:
    """Its devfreq device has no load, and its NVML no clock."""
    by_nvml = GpuStats(0, "NVIDIA Thor", utilization_percent=97.0, processes=[GpuProcess(7)])
    (stats,) = read([by_nvml], [THOR])
    assert (stats.utilization_percent, stats.clock_hz, stats.power_w) == (97.0, 1_500_000_000, 9.0)
    assert stats.processes == [GpuProcess(7)]
    assert stats.name == "NVIDIA Thor"


def test_a_card_beside_is_reported_by_nvml_alone() -> None:
    """What NVML answers is not mixed with another device's figures."""
    card = GpuStats(0, "NVIDIA RTX A2000", utilization_percent=80.0)
    assert read([card], [ORIN]) == [card]
    assert read([card, GpuStats(1, "NVIDIA Thor")], [THOR])[1].clock_hz is None


def test_a_lost_gpu_is_not_filled_up_with_figures() -> None:
    """Nothing that is read of it elsewhere says that it works."""
    lost = GpuStats(0, "NVIDIA Thor", lost="GPU lost (Xid 79)")
    assert read([lost], [THOR]) == [lost]
