"""What the runtimes raise, told apart by what has to be done about it.

CUDA's errors are of two kinds. Memory that cannot be had leaves everything as it was: fewer pictures may fit.
After a fault in a kernel every later call fails the same way ("sticky", CUDA Runtime API, section Error
Handling), and only the end of the process gives the device back. The runtimes wrap both in exceptions of
their own, mostly in plain ``RuntimeError``, so that the words are all there is to go by.
"""

from detectors.errors import DetectorError, DeviceFull, DeviceLost

FULL = (
    "out of memory",
    "out_of_memory",
    "failed to allocate memory",
    "cudaerrormemoryallocation",
    "cuda failure 2:",
    "bad_alloc",
    "cublas_status_alloc_failed",
    "cudnn_status_alloc_failed",
    "cl_mem_object_allocation_failure",
    "cl_out_of_resources",
)
LOST = (
    "an illegal memory access",
    "cudaerrorillegaladdress",
    "cudaerrorillegalinstruction",
    "illegal instruction was encountered",
    "device-side assert",
    "unspecified launch failure",
    "launch timed out",
    "misaligned address",
    "uncorrectable ecc",
    "cudaerroreccuncorrectable",
    "unknown error",
    "gpu is lost",
    "no cuda-capable device",
    "cublas_status_execution_failed",
    "cudnn_status_execution_failed",
    "cuda error",
    "cuda failure",
    "cl_device_not_available",
)
"""The last but one are CUDA's errors of any other kind: what is not known to be harmless ends the process."""
MOST_WORDS = 300


def translated(err: Exception) -> DetectorError | None:
    """Return what an exception of a runtime means, or ``None`` when it tells nothing of a device."""
    words = f"{type(err).__name__} {err}".lower()
    if any(sign in words for sign in FULL):
        return DeviceFull(one_line(err))
    if any(sign in words for sign in LOST):
        return DeviceLost(one_line(err))
    return None


def one_line(err: Exception) -> str:
    """Return an exception's words, shortened and on one line."""
    return " ".join(str(err).split())[:MOST_WORDS] or type(err).__name__
