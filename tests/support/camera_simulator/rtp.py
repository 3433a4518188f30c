"""One stream of RTP packets with its sender reports (RFC 3550)."""

import struct
from collections.abc import Callable

_HEADER = struct.Struct("!BBHII")
_REPORT = struct.Struct("!BBHIIIIII")
_NTP_EPOCH_S = 2_208_988_800
"""From 1900, where NTP's time begins, to 1970."""

_REPORT_KIND = 200
_SOURCE_DESCRIPTION_KIND = 202


class RtpStream:
    """Numbers packets and counts them for the reports; used on the simulator's thread.

    Attributes:
        ssrc: its number among the session's sources.
        sequence: number of the next packet; a packet that is lost uses one up.
    """

    def __init__(self, ssrc: int, sequence: int = 0) -> None:
        self.ssrc = ssrc
        self.sequence = sequence
        self._packets = 0
        self._bytes = 0

    def packet(self, payload: bytes, payload_type: int, timestamp: int, marker: bool) -> bytes:
        """Return the next packet."""
        header = _HEADER.pack(
            0x80, marker << 7 | payload_type, self.sequence & 0xFFFF, timestamp & 0xFFFFFFFF, self.ssrc
        )
        self.sequence += 1
        self._packets += 1
        self._bytes += len(payload)
        return header + payload

    def lose(self) -> None:
        """Use a sequence number up: the packet was sent and never arrived."""
        self.sequence += 1

    def report(self, wall_s: float, timestamp: int) -> bytes:
        """Return a compound RTCP packet: sender report and source description.

        Args:
            wall_s: the camera's wall clock in seconds since 1970.
            timestamp: the RTP time stamp of that moment.
        """
        seconds = int(wall_s)
        fraction = int((wall_s - seconds) * 2**32)
        sent = _REPORT.pack(
            *(0x80, _REPORT_KIND, 6, self.ssrc, seconds + _NTP_EPOCH_S & 0xFFFFFFFF, fraction),
            *(timestamp & 0xFFFFFFFF, self._packets & 0xFFFFFFFF, self._bytes & 0xFFFFFFFF),
        )
        name = struct.pack("!IBB", self.ssrc, 1, 6) + b"camera"
        name += bytes(4 - len(name) % 4)
        return sent + struct.pack("!BBH", 0x81, _SOURCE_DESCRIPTION_KIND, len(name) // 4) + name


Send = Callable[[list[bytes]], bool]
"""Sends packets to a client; returns False, and sends none, where the client takes nothing any more."""
