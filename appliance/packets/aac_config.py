"""What AAC says about itself: AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1), and ADTS headers (1.A.2)."""

from dataclasses import dataclass

from appliance.errors import NotRecordable

SAMPLE_RATES = (
    96_000,
    88_200,
    64_000,
    48_000,
    44_100,
    32_000,
    24_000,
    22_050,
    16_000,
    12_000,
    11_025,
    8_000,
    7_350,
)
"""By their index in both headers, samples a second."""

LOW_COMPLEXITY = 2
PLAYED_TYPES = frozenset((LOW_COMPLEXITY, 5, 29))
"""What browsers play of the audio object types: AAC-LC, and HE-AAC with and without parametric stereo."""

HIGHER_THAN_ANY = 1 << 16
"""Samples a second for which an MP4 file has no place."""

_GIVEN_RATE = 15
_ESCAPED_TYPE = 31
_ADTS_BYTES = 7
_ADTS_CHECKSUM_BYTES = 2
_SAMPLES, _SHORT_SAMPLES = 1024, 960


@dataclass(frozen=True, slots=True)
class AacConfig:
    """What AAC is, as far as copying it asks.

    Attributes:
        data: the AudioSpecificConfig itself.
        object_type: how it is coded; 2 is AAC-LC.
        sample_rate: of the core: HE-AAC is played at twice that.
        channels: 0 where they are described in the sound itself.
        samples: of each channel in an access unit, at that rate.
    """

    data: bytes
    object_type: int
    sample_rate: int
    channels: int
    samples: int

    @property
    def is_played(self) -> bool:
        """Whether it can be handed on as it is: a type that browsers play, mono or stereo.

        The sample rate has 16 bits in an MP4 file (ISO/IEC 14496-12, 12.2.3).
        """
        return (
            self.object_type in PLAYED_TYPES
            and self.channels in (1, 2)
            and self.sample_rate < HIGHER_THAN_ANY
        )


def parse_config(data: bytes) -> AacConfig:
    """Read an AudioSpecificConfig.

    Raises:
        NotRecordable: it is cut off or names a reserved sampling frequency.
    """
    bits = _Bits(data)
    object_type = _object_type(bits)
    sample_rate, channels = _sample_rate(bits), bits.take(4)
    core_type = object_type
    if object_type in PLAYED_TYPES - {LOW_COMPLEXITY}:
        _sample_rate(bits)
        core_type = _object_type(bits)
    is_short = core_type == LOW_COMPLEXITY and bits.take(1)
    return AacConfig(data, object_type, sample_rate, channels, _SHORT_SAMPLES if is_short else _SAMPLES)


def has_adts(data: bytes) -> bool:
    """Return whether a packet is one whole ADTS frame; a bare access unit never begins with these bits."""
    if len(data) < _ADTS_BYTES or data[0] != 0xFF or data[1] & 0xF6 != 0xF0:
        return False
    return ((data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5) == len(data)


def without_adts(data: bytes) -> tuple[AacConfig, bytes]:
    """Split an ADTS frame into what its header says, as an AudioSpecificConfig, and the access unit.

    Raises:
        NotRecordable: it holds several access units, or a reserved sampling frequency.
    """
    if data[6] & 3:
        raise NotRecordable(f"expected one access unit in an ADTS frame, got {(data[6] & 3) + 1}")
    object_type, index = (data[2] >> 6) + 1, data[2] >> 2 & 15
    channels = (data[2] & 1) << 2 | data[3] >> 6
    config = bytes((object_type << 3 | index >> 1, (index & 1) << 7 | channels << 3))
    bare = data[1] & 1
    return parse_config(config), data[_ADTS_BYTES + (0 if bare else _ADTS_CHECKSUM_BYTES) :]


class _Bits:
    """Reads bits, the highest first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """Return the next bits as a number."""
        if count > self._left:
            raise NotRecordable(
                "expected an AudioSpecificConfig of at least 2 bytes, got one that is cut off"
            )
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)


def _object_type(bits: _Bits) -> int:
    kind = bits.take(5)
    return kind if kind != _ESCAPED_TYPE else 32 + bits.take(6)


def _sample_rate(bits: _Bits) -> int:
    index = bits.take(4)
    if index == _GIVEN_RATE:
        rate = bits.take(24)
        if rate:
            return rate
    elif index < len(SAMPLE_RATES):
        return SAMPLE_RATES[index]
    raise NotRecordable(f"expected a sampling frequency of AAC, got the index {index}")
