"""What AAC says about itself."""

import io

import av
import numpy as np
import pytest

from appliance.errors import NotRecordable
from appliance.packets.aac_config import has_adts, parse_config, without_adts
from tests.support.sounds import beeps, coded


@pytest.mark.parametrize(
    ("data", "object_type", "sample_rate", "channels", "samples", "is_played"),
    [
        pytest.param("1408", 2, 16_000, 1, 1024, True, id="AAC-LC mono"),
        pytest.param("1190", 2, 48_000, 2, 1024, True, id="AAC-LC stereo"),
        pytest.param("1588", 2, 8_000, 1, 1024, True, id="AAC-LC of a telephone's rate"),
        pytest.param("140c", 2, 16_000, 1, 960, True, id="short frames"),
        pytest.param("140856e500", 2, 16_000, 1, 1024, True, id="with an extension"),
        pytest.param("2b098800", 5, 24_000, 1, 1024, True, id="HE-AAC"),
        pytest.param("eb098800", 29, 24_000, 1, 1024, True, id="HE-AAC with parametric stereo"),
        pytest.param("1780003e88", 2, 125, 1, 1024, True, id="a rate in full"),
        pytest.param("11b0", 2, 48_000, 6, 1024, False, id="5.1"),
        pytest.param("1180", 2, 48_000, 0, 1024, False, id="channels described elsewhere"),
        pytest.param("0c08", 1, 16_000, 1, 1024, False, id="AAC Main"),
        pytest.param("1010", 2, 96_000, 2, 1024, False, id="a rate without a place in MP4"),
        pytest.param("f8e850", 39, 44_100, 2, 1024, False, id="AAC-ELD"),
    ],
)
def test_a_config_is_read(
    data: str, object_type: int, sample_rate: int, channels: int, samples: int, is_played: bool
) -> None:
    """By hand from ISO/IEC 14496-3; what is not played has to be encoded anew."""
    config = parse_config(bytes.fromhex(data))
    assert (config.object_type, config.sample_rate, config.channels) == (object_type, sample_rate, channels)
    assert (config.samples, config.is_played) == (samples, is_played)


@pytest.mark.parametrize("data", ["", "14", "1680", "178000", "1780000000"])
def test_a_config_that_is_none_is_refused(data: str) -> None:
    """Cut off, a reserved sampling frequency, a sampling frequency of 0."""
    with pytest.raises(NotRecordable, match="expected"):
        parse_config(bytes.fromhex(data))


def test_an_adts_header_is_split_off_and_says_the_same() -> None:
    """Against libav, which puts the same access units into ADTS."""
    extradata, units = coded("aac", beeps(1.0, 16_000), 16_000, 1024)
    for header, unit in zip(adts_headers(len(units)), units, strict=True):
        framed = with_length(header, unit) + unit
        assert has_adts(framed)
        config, bare = without_adts(framed)
        assert bare == unit
        assert config.data == extradata[:2]


def test_the_checksum_of_an_adts_header_is_no_sound() -> None:
    """Two bytes more, where it has one."""
    unit = b"\x21\x10\x04"
    header = with_length(bytes.fromhex("fff0604000000000"[:14]), unit, extra=2)
    config, bare = without_adts(header + b"\xab\xcd" + unit)
    assert (bare, config.sample_rate, config.channels) == (unit, 16_000, 1)


def test_several_access_units_in_an_adts_frame_are_refused() -> None:
    """They cannot be told apart without decoding them; no camera is known to send them."""
    header = with_length(bytes.fromhex("fff16040000003"), b"abc")
    with pytest.raises(NotRecordable, match="got 4"):
        without_adts(header + b"abc")


@pytest.mark.parametrize("data", [b"", b"\xff\xf1\x60", bytes(20), b"\xff\xf1" + bytes(20)])
def test_what_has_no_adts_header_is_taken_for_an_access_unit(data: bytes) -> None:
    """The length in the header has to be the packet's own."""
    assert not has_adts(data)


def adts_headers(count: int) -> list[bytes]:
    """Return headers as libav writes them, of packets of another content."""
    file = io.BytesIO()
    with av.open(file, "w", format="adts") as container:
        stream = container.add_stream("aac", rate=16_000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 16_000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return [file.getvalue()[:7]] * count


def with_length(header: bytes, unit: bytes, extra: int = 0) -> bytes:
    """Return the header with the length of its frame."""
    length, changed = 7 + extra + len(unit), bytearray(header)
    changed[3] = changed[3] & 0xFC | length >> 11
    changed[4] = length >> 3 & 0xFF
    changed[5] = changed[5] & 0x1F | (length & 7) << 5
    return bytes(changed)
