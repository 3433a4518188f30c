"""The real ``pynvml`` against a library of ours: what devices answer, refuse, and how they get lost."""

from pathlib import Path

import pytest

from tests.support.fake_nvml import MISSING, built
from tests.support.gpu_story import Look, Step, looks

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

FULL = "gpu full GPU-1\n"
TWO = "gpu full GPU-1\ngpu full GPU-2\n"
LOST = "GPU lost (Xid 79)"
STEADY = 6
"""Looks, two seconds apart, after which a GPU that is well is said to be."""


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library of a driver of today."""
    return built(tmp_path_factory.mktemp("nvml"))


def health(told: list[Look]) -> list[tuple[str, str]]:
    """Return how the part was at each look."""
    return [(look.level, look.reason) for look in told]


def test_a_card_that_answers_everything_is_told_in_plain_units(library: Path, tmp_path: Path) -> None:
    """Percent, bytes, degrees Celsius, watts, hertz, words; of processes only those that can be."""
    (look,) = looks(library, tmp_path, Step(FULL))
    (gpu,) = look.gpus
    ours, parent = gpu.pop("processes")
    assert gpu == {
        "index": 0,
        "name": "NVIDIA RTX A2000",
        "utilization_percent": 37.0,
        "memory_used_bytes": 3 << 30,
        "memory_total_bytes": 12 << 30,
        "temperature_c": 61,
        "power_w": 41.5,
        "power_limit_w": 70.0,
        "fan_percent": 30,
        "encoder_percent": 5.0,
        "decoder_percent": 12.0,
        "clock_hz": 1_200_000_000,
        "memory_clock_hz": 6_001_000_000,
        "throttle": ["power_cap", "thermal_sw"],
        "driver": "590.48.01",
    }
    assert (ours["name"], ours["memory_bytes"]) == ("Service", 800 << 20)
    assert parent["name"].startswith("py")
    assert "memory_bytes" not in parent
    assert (look.level, look.reason, look.log) == ("ok", "", [])


def test_an_older_driver_has_another_word_for_throttling(tmp_path: Path) -> None:
    """Before driver 535 the function was called otherwise."""
    (look,) = looks(built(tmp_path, "-DOLD_DRIVER"), tmp_path, Step(FULL))
    assert look.gpus[0]["throttle"] == ["power_cap", "thermal_sw"]


def test_a_device_that_answers_little_lacks_the_rest_in_silence(library: Path, tmp_path: Path) -> None:
    """Nothing is zero that was not measured, nothing is logged, and there is no fault in it."""
    told = looks(library, tmp_path, *[Step("gpu little GPU-1\n")] * 3)
    assert told[0].gpus == [{"index": 0, "name": "Orin (nvgpu)", "driver": "590.48.01"}]
    assert health(told) == [("ok", "")] * 3
    assert [look.log for look in told] == [[]] * 3


def test_memory_of_no_size_is_none(library: Path, tmp_path: Path) -> None:
    """An integrated GPU may answer with zeros where it has nothing to say."""
    (look,) = looks(library, tmp_path, Step("gpu zeros GPU-1\n"))
    assert not {"memory_total_bytes", "memory_used_bytes"} & set(look.gpus[0])


def test_a_device_that_we_may_not_use_is_left_out(library: Path, tmp_path: Path) -> None:
    """It is another program's, and not lost."""
    (look,) = looks(library, tmp_path, Step("gpu denied GPU-1\n" + "gpu full GPU-2\n"))
    assert [gpu["index"] for gpu in look.gpus] == [1]
    assert look.level == "ok"


@pytest.mark.parametrize("is_there", [True, False])
def test_a_missing_driver_or_library_is_said_once(library: Path, tmp_path: Path, is_there: bool) -> None:
    """However often it is asked, the log has one line; a machine without a GPU has no such part."""
    if not is_there and Path("/proc/driver/nvidia").exists():
        pytest.skip("this machine has a libnvidia-ml of its own")
    told = looks(library if is_there else None, tmp_path, *[Step("init 9\n")] * 5)
    assert [look.gpus for look in told] == [[]] * 5
    assert health(told) == [("", "")] * 5
    assert [len(look.log) for look in told] == [1, 0, 0, 0, 0]


def test_a_gpu_that_falls_off_the_bus_is_said_at_the_next_look(library: Path, tmp_path: Path) -> None:
    """That is two seconds; it keeps its name, has no figures, and is said once."""
    told = looks(library, tmp_path, Step(FULL), *[Step("gpu lost GPU-1\n")] * 10)
    assert health(told) == [("ok", ""), *[("failed", LOST)] * 10]
    assert told[1].gpus == [
        {"index": 0, "name": "NVIDIA RTX A2000", "lost": LOST, "driver": "590.48.01"},
    ]
    assert [line for look in told for line in look.log] == [f"gpu: {LOST}"]


def test_a_gpu_that_comes_back_is_well_after_it_was_so_for_a_while(library: Path, tmp_path: Path) -> None:
    """Its figures are there within 30 seconds and without a restart, since the library is opened anew."""
    told = looks(library, tmp_path, Step(FULL), *[Step("gpu lost GPU-1\n")] * 3, *[Step(FULL)] * STEADY)
    assert told[4].gpus[0]["utilization_percent"] == 37.0
    assert health(told)[4:] == [*[("failed", LOST)] * (STEADY - 2), *[("ok", "")] * 2]
    assert [line for look in told for line in look.log] == [f"gpu: {LOST}", "gpu: well again"]


def test_a_gpu_with_a_bad_contact_is_not_now_well_now_lost(library: Path, tmp_path: Path) -> None:
    """It comes and goes with each look; the health and the log stand."""
    told = looks(library, tmp_path, Step(FULL), *[Step("gpu lost GPU-1\n"), Step(FULL)] * 10)
    assert health(told)[1:] == [("failed", LOST)] * 20
    assert [line for look in told for line in look.log] == [f"gpu: {LOST}"]


def test_an_xid_79_is_a_lost_gpu_before_any_question_is_refused(library: Path, tmp_path: Path) -> None:
    """The driver tells of it by itself; once the library was opened anew and the GPU answers, it is back."""
    fallen = FULL + "xid GPU-1 79\n"
    told = looks(library, tmp_path, Step(FULL, 60), *[Step(fallen)] * 11)
    assert health(told)[:3] == [("ok", ""), ("failed", LOST), ("failed", LOST)]
    assert told[1].gpus[0]["lost"] == LOST
    assert told[1].gpus[0]["xids"][0]["code"] == 79
    assert told[11].level == "ok"


def test_one_of_several_gpus_is_lost_by_name_and_the_others_go_on(library: Path, tmp_path: Path) -> None:
    """Also when the driver lists it no more and the other one has moved to its place."""
    gone = [Step("gpu full GPU-2\n")] * 2
    told = looks(library, tmp_path, Step(TWO), Step("gpu lost GPU-1\ngpu full GPU-2\n"), *gone)
    assert told[1].reason == f"{LOST}: NVIDIA RTX A2000, number 0"
    assert [("lost" in gpu, "temperature_c" in gpu) for gpu in told[1].gpus] == [(True, False), (False, True)]
    assert [(gpu["index"], "lost" in gpu) for gpu in told[3].gpus] == [(0, False), (1, True)]
    assert told[3].level == "failed"


def test_a_gpu_that_was_lost_before_the_start_is_told_as_well(library: Path, tmp_path: Path) -> None:
    """Nobody knows its name then; when it is back, it is one GPU and not two."""
    told = looks(library, tmp_path, Step("gpu lost GPU-1\n"), *[Step(FULL)] * 8)
    assert told[0].gpus == [{"index": 0, "name": "NVIDIA GPU", "lost": LOST}]
    assert [gpu["name"] for gpu in told[8].gpus] == ["NVIDIA RTX A2000"]
    assert told[8].level == "ok"


def test_a_gpu_that_must_be_reset_says_so(library: Path, tmp_path: Path) -> None:
    """It is listed, and answers nothing until then."""
    told = looks(library, tmp_path, Step(FULL), Step("gpu reset GPU-1\n"))
    assert told[1].reason == "GPU must be reset"


def test_a_drivers_exchange_is_a_reason_and_over_without_a_restart(library: Path, tmp_path: Path) -> None:
    """The GPUs are known from before, and nobody says that they are well while no driver answers."""
    told = looks(library, tmp_path, Step(FULL), *[Step("init 9\n")] * 3, *[Step(FULL)] * STEADY)
    assert told[1].level == "failed"
    assert told[2].reason == "NVIDIA's driver does not answer (Driver Not Loaded)"
    assert told[-1].level == "ok"
    assert told[-1].gpus[0]["temperature_c"] == 61


@pytest.mark.parametrize(
    ("code", "level", "reason", "after_s"),
    [
        (31, "degraded", "Xid 31: a program used memory of the GPU that is not its own", 600),
        (48, "failed", "Xid 48: the GPU's memory has an error that it cannot correct", 3600),
        (150, "degraded", "Xid 150", 600),
    ],
)
def test_an_xid_is_a_reason_for_as_long_as_it_matters(
    library: Path, tmp_path: Path, code: int, level: str, reason: str, after_s: float
) -> None:
    """What a program did is soon forgotten, what the device did is not; the GPU's figures go on."""
    came = f"{FULL}xid GPU-1 {code}\n"
    told = looks(
        library, tmp_path, Step(FULL), Step(came), Step(came, after_s - 11), Step(came, 12), Step(came, 12)
    )
    assert health(told)[1:] == [(level, reason)] * 2 + [("ok", "")] * 2
    assert told[1].gpus[0]["xids"] == [
        {"code": code, "at": "2023-11-14T22:13:24.000Z", "count": 1, "says": reason.partition(": ")[2]}
    ]
    assert told[1].gpus[0]["temperature_c"] == 61
    assert "xids" not in told[-1].gpus[0]


def test_an_xid_that_comes_again_and_again_is_counted_and_logged_once(library: Path, tmp_path: Path) -> None:
    """Its health stands, and its time begins anew."""
    one = "xid GPU-1 31\n"
    told = looks(library, tmp_path, Step(FULL), *[Step(FULL + one * times) for times in (1, 2, 50)])
    assert [look.gpus[0]["xids"][0]["count"] for look in told[1:]] == [1, 2, 50]
    assert [len(look.log) for look in told] == [0, 1, 0, 0]


def test_an_orin_is_told_by_both_its_kernel_and_nvml(library: Path, tmp_path: Path) -> None:
    """NVML has its name, the kernel its load; that NVML refuses the rest is no fault."""
    device = tmp_path / "sys/class/devfreq/17000000.gpu/device"
    (device / "of_node").mkdir(parents=True)
    (device / "of_node/name").write_text("ga10b\0")
    (device / "load").write_text("250")
    (look,) = looks(library, tmp_path, Step("gpu little GPU-1\n"), sysfs=tmp_path / "sys")
    assert look.gpus == [
        {"index": 0, "name": "Orin (nvgpu)", "utilization_percent": 25.0, "driver": "590.48.01"}
    ]
    assert look.level == "ok"


def test_nothing_is_left_open_however_often_the_library_is_opened_anew(library: Path, tmp_path: Path) -> None:
    """A lost GPU has it opened every ten seconds; without a driver it is tried at each look."""
    steps = [Step(TWO), *[Step("gpu lost GPU-1\ngpu full GPU-2\n", 11), Step("init 9\n"), Step(TWO)] * 30]
    told = looks(library, tmp_path, *steps)
    assert told[0].descriptors == told[-1].descriptors
