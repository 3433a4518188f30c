"""What this machine computes with, as far as it decides the speed of a model."""

import contextlib
import importlib.metadata
import platform
from pathlib import Path

from detectors.reports import Machine

CPUINFO = Path("/proc/cpuinfo")
BOARD = Path("/proc/device-tree/model")
"""What an ARM board calls itself."""
PACKAGES = (
    "onnxruntime",
    "onnxruntime-gpu",
    "openvino",
    "tensorrt",
    "torch",
    "ultralytics",
    "ultralytics-opencv-headless",
)


def this_machine(device: int = 0, cpuinfo: Path = CPUINFO, board: Path = BOARD) -> Machine:
    """Return what is here, with the GPU of that number; nothing heavy is imported for it."""
    gpu, capability = _gpu(device)
    return Machine(_cpu(cpuinfo, board), gpu, capability, _versions())


def _cpu(cpuinfo: Path, board: Path) -> str:
    with contextlib.suppress(OSError):
        for line in cpuinfo.read_text(errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    with contextlib.suppress(OSError):
        return board.read_text(errors="replace").strip("\0\n ")
    return platform.machine()


def _gpu(device: int) -> tuple[str, str]:
    """Return a GPU's name and compute capability, as NVIDIA's driver tells them, else nothing."""
    import pynvml  # noqa: PLC0415 - it looks for the driver's library

    try:
        pynvml.nvmlInit()
        try:
            handle = pynvml.nvmlDeviceGetHandleByIndex(device)
            name = pynvml.nvmlDeviceGetName(handle)
            major, minor = pynvml.nvmlDeviceGetCudaComputeCapability(handle)
        finally:
            pynvml.nvmlShutdown()
    except pynvml.NVMLError:
        return "", ""
    return str(name.decode() if isinstance(name, bytes) else name), f"{major}.{minor}"


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found
