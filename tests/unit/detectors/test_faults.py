import pytest

from detectors.errors import DeviceFull, DeviceLost
from detectors.faults import MOST_WORDS, one_line, translated

FULL = [
    "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 7.79 GiB",
    "CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported at some other API call",
    "CUDA failure 2: out of memory ; GPU=0 ; hostname=box ; expr=cudaMalloc((void**)&p, size);",
    "/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 Failed to allocate memory for requested "
    "buffer of size 1073741824",
    "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    "cudaErrorMemoryAllocation",
    "std::bad_alloc",
    "[GPU] CL_OUT_OF_RESOURCES exception",
]
LOST = [
    "CUDA error: an illegal memory access was encountered\nCompile with `TORCH_USE_CUDA_DSA` to enable",
    "CUDA error: device-side assert triggered",
    "CUDA error: unspecified launch failure",
    "CUDA error: uncorrectable ECC error encountered",
    "CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; hostname=box",
    "CUBLAS_STATUS_EXECUTION_FAILED when calling cublasSgemm",
    "cudaErrorIllegalAddress",
    "CUDA error: the launch timed out and was terminated",
    "No CUDA-capable device is detected",
    "CUDA error: something that nobody has seen yet",
]
NEITHER = ["", "shape mismatch", "Got invalid dimensions for input: images", "[Errno 2] No such file"]


@pytest.mark.parametrize("words", FULL)
def test_memory_that_cannot_be_had_is_no_loss(words: str) -> None:
    """Fewer pictures may fit: nothing else has changed."""
    assert isinstance(translated(RuntimeError(words)), DeviceFull)


@pytest.mark.parametrize("words", LOST)
def test_a_fault_that_sticks_is_a_loss(words: str) -> None:
    """Every later call would fail: only the end of the process helps."""
    assert isinstance(translated(RuntimeError(words)), DeviceLost)


@pytest.mark.parametrize("words", NEITHER)
def test_what_speaks_of_no_device_is_left_to_whoever_asked(words: str) -> None:
    """A wrong file is a wrong file."""
    assert translated(RuntimeError(words)) is None


def test_torchs_own_class_is_known_by_its_name() -> None:
    """Its text has changed from one release to the next."""
    raised = type("OutOfMemoryError", (RuntimeError,), {})
    assert translated(raised("HIP: whatever")) is None
    assert isinstance(translated(raised("CUDA: out_of_memory")), DeviceFull)


def test_a_message_fits_on_a_line() -> None:
    """They come with pages of advice."""
    assert one_line(RuntimeError("a\n  b " + "c" * 1000)) == ("a b " + "c" * 1000)[:MOST_WORDS]
    assert one_line(RuntimeError()) == "RuntimeError"
