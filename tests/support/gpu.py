"""What a machine has for decoding, found without libav, which is what the tests judge."""

import ctypes
from pathlib import Path


def why_no_cuda() -> str:
    """Return why no picture can be decoded with CUDA here, or an empty string."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return "no NVIDIA driver (libcuda) on this machine"
    count = ctypes.c_int()
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)) or not count.value:
        return "no NVIDIA GPU on this machine"
    try:
        ctypes.CDLL("libnvcuvid.so.1")
    except OSError:
        return "the NVIDIA driver has no video decoder here (libnvcuvid)"
    return ""


def why_no_render_node() -> str:
    """Return why no Intel GPU can be opened here, or an empty string where one might."""
    nodes = list(Path("/dev/dri").glob("renderD*")) if Path("/dev/dri").is_dir() else []
    return "" if nodes else "no render node (/dev/dri/renderD*) on this machine"
