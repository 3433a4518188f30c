"""The errors that NVML tells of by itself (Xid), for the devices whose driver does."""

import ctypes
from typing import Any

AT_ONCE = 64
"""So many are taken at one look: a device that tells of errors without end does not hold up its figures."""


class XidEvents:
    """NVML's event set; it holds a descriptor for each device, until it is closed.

    Devices that tell of no errors (Jetson, some virtual ones) are left out silently.
    """

    def __init__(self, library: Any) -> None:
        self._library = library
        self._set: Any = None
        self._devices: dict[int | None, str] = {}

    def add(self, handle: Any, device: str) -> None:
        """Listen to a device, too."""
        library = self._library
        try:
            if self._set is None:
                self._set = library.nvmlEventSetCreate()
            library.nvmlDeviceRegisterEvents(handle, library.nvmlEventTypeXidCriticalError, self._set)
        except library.NVMLError:
            return
        self._devices[_address(handle)] = device

    def take(self) -> list[tuple[str, int]]:
        """Return device and Xid of what came since the last look; waits for nothing."""
        found: list[tuple[str, int]] = []
        for _ in range(AT_ONCE if self._devices else 0):
            try:
                event = self._library.nvmlEventSetWait_v2(self._set, 0)
            except self._library.NVMLError:
                break  # Nothing more has come; or the set is of no use, which its devices say themselves.
            device = self._devices.get(_address(event.device))
            if device is not None and event.eventType == self._library.nvmlEventTypeXidCriticalError:
                found.append((device, int(event.eventData)))
        return found

    def close(self) -> None:
        """Let the set go."""
        self._devices.clear()
        event_set, self._set = self._set, None
        if event_set is None:
            return
        try:
            self._library.nvmlEventSetFree(event_set)
        except self._library.NVMLError:
            return  # Shutting NVML down frees it as well.


def _address(handle: Any) -> int | None:
    """Return what tells one device from another, also when it is lost and answers nothing."""
    return ctypes.cast(handle, ctypes.c_void_p).value
