"""HLS playlists over files of footage."""

from dataclasses import replace

import pytest

from appliance.domain.footage import SegmentState
from appliance.domain.time import US_PER_S, WallUs
from appliance.packets.fmp4 import FileLayout, FragmentPlace
from appliance.recordings.playback.playlist import PlayedFile, media_playlist, pieces
from tests.support.footage_rows import minute, segment
from tests.support.rows import NOON_US

KEY, OTHER = True, False


def laid_out(fragments: list[tuple[float, bool]]) -> FileLayout:
    """Return the layout of a file with an init of 100 bytes and fragments of 1000, told by their lengths."""
    places, at_us = [], 0
    for number, (seconds, is_keyframe) in enumerate(fragments):
        lasts_us = round(seconds * US_PER_S)
        places.append(FragmentPlace(100 + 1000 * number, 1000, at_us, lasts_us, is_keyframe))
        at_us += lasts_us
    return FileLayout(100, 100 + 1000 * len(places), tuple(places))


def played(
    number: int = 0, fragments: list[tuple[float, bool]] | None = None, **changes: object
) -> PlayedFile:
    """Return a file of the given minute after noon; by default sixty fragments of a second, each a GOP."""
    layout = laid_out(fragments or [(1, KEY)] * 60)
    end_us = minute(number) + layout.duration_us
    return PlayedFile(segment(number, **({"end_us": end_us} | changes)), layout)


def playlist(*files: PlayedFile, begin: float = 0, end: float = 60) -> list[str]:
    """Return the lines of the playlist of a range, told in seconds after noon."""
    at = [WallUs(NOON_US + round(seconds * US_PER_S)) for seconds in (begin, end)]
    return media_playlist(files, at[0], at[1], "../../segments/").splitlines()


def values(lines: list[str], tag: str) -> list[str]:
    """Return what stands behind a tag, wherever it does."""
    return [line.removeprefix(f"#EXT{tag}:") for line in lines if line.startswith(f"#EXT{tag}:")]


PIECES = [
    pytest.param([(1, KEY)] * 6, [2, 2, 2], id="short GOPs are joined"),
    pytest.param(
        [(1, KEY), (1, OTHER), (1, OTHER), (1, OTHER)] * 2, [4, 4], id="a GOP of four seconds is one"
    ),
    pytest.param([(1, KEY)] + [(1, OTHER)] * 29, [30], id="a long GOP cannot be parted"),
    pytest.param([(1, OTHER), (1, KEY), (1, OTHER)], [2], id="what no keyframe begins is left out"),
    pytest.param([(1, KEY)] * 3, [2, 1], id="the rest may be short"),
    pytest.param([], [], id="an empty file"),
]


@pytest.mark.parametrize(("fragments", "lasting"), PIECES)
def test_pieces_begin_with_keyframes(fragments: list[tuple[float, bool]], lasting: list[float]) -> None:
    """And last two seconds or more where the GOPs let them."""
    file = PlayedFile(segment(0), laid_out(fragments))
    found = pieces(file)
    assert [piece.duration_us / US_PER_S for piece in found] == lasting
    keyframes = {place.offset for place in file.layout.fragments if place.is_keyframe}
    assert {piece.offset for piece in found} <= keyframes


def test_a_whole_minute() -> None:
    """Everything that a player needs: init, byte ranges that join, times, and an end."""
    lines = playlist(played())
    assert lines[:2] == ["#EXTM3U", "#EXT-X-VERSION:7"]
    assert lines[-1] == "#EXT-X-ENDLIST"
    assert values(lines, "-X-PLAYLIST-TYPE") == ["VOD"]
    assert values(lines, "-X-TARGETDURATION") == ["6"]
    assert values(lines, "-X-MAP") == ['URI="../../segments/segment-000000.mp4",BYTERANGE="100@0"']
    assert values(lines, "INF") == ["2.000000,"] * 30
    assert values(lines, "-X-BYTERANGE") == [f"2000@{100 + 2000 * i}" for i in range(30)]
    assert values(lines, "-X-PROGRAM-DATE-TIME")[:2] == [
        "2026-09-21T14:13:20.000Z",
        "2026-09-21T14:13:22.000Z",
    ]


def test_files_are_parted_by_a_discontinuity() -> None:
    """Each has its own init, and its own position 0, which is said with its codecs."""
    lines = playlist(played(0), played(1), end=120)
    assert lines.count("#EXT-X-DISCONTINUITY") == 1
    assert len(values(lines, "-X-MAP")) == 2
    assert values(lines, "-X-DATERANGE")[1] == (
        'ID="segment-000001",CLASS="file",START-DATE="2026-09-21T14:14:20.000Z",'
        f'X-START-US="{minute(1)}",X-CODECS="avc1.64001f"'
    )


def test_only_what_was_asked_for_is_listed() -> None:
    """The first piece holds the begin, and players start there and not at its keyframe."""
    lines = playlist(played(0), played(1), begin=31, end=34.5)
    assert values(lines, "-X-PROGRAM-DATE-TIME")[0] == "2026-09-21T14:13:50.000Z"
    assert values(lines, "-X-START") == ["TIME-OFFSET=1.000000,PRECISE=YES"]
    assert len(values(lines, "INF")) == 3
    assert len(values(lines, "-X-MAP")) == 1


def test_a_long_gop_raises_the_target_duration() -> None:
    """No piece may be longer than that (RFC 8216, 4.3.3.1)."""
    assert values(playlist(played(0, [(15, KEY)] * 4)), "-X-TARGETDURATION") == ["15"]


def test_what_is_being_recorded_has_no_end() -> None:
    """The last piece may still grow, so it is listed once it is followed by another; its kind is EVENT."""
    growing = played(0, [(1, KEY)] * 7, state=SegmentState.OPEN)
    lines = playlist(growing)
    assert values(lines, "-X-PLAYLIST-TYPE") == ["EVENT"]
    assert len(values(lines, "INF")) == 3
    assert "#EXT-X-ENDLIST" not in lines


def test_a_range_that_was_recorded_in_full_ends_although_its_file_grows() -> None:
    """Nothing will be added to it."""
    growing = played(0, [(1, KEY)] * 9, state=SegmentState.OPEN)
    lines = playlist(growing, end=5)
    assert lines[-1] == "#EXT-X-ENDLIST"
    assert len(values(lines, "INF")) == 3


def test_a_playlist_only_grows() -> None:
    """What a player has read of it stays as it was (RFC 8216, 6.2.1)."""
    before: list[str] = []
    for seconds in range(1, 20):
        growing = played(0, [(1, KEY)] * seconds, state=SegmentState.OPEN)
        lines = playlist(growing)
        assert lines[: len(before)] == before
        before = lines


def test_nothing_recorded_is_an_empty_list_with_an_end() -> None:
    """A player shows nothing, and does not ask again."""
    lines = playlist()
    assert lines[-1] == "#EXT-X-ENDLIST"
    assert values(lines, "INF") == []


def test_a_file_without_a_whole_fragment_is_left_out() -> None:
    """It has just begun."""
    empty = PlayedFile(replace(segment(1), state=SegmentState.OPEN), FileLayout(0, 0, ()))
    lines = playlist(played(0), empty, end=120)
    assert "#EXT-X-DISCONTINUITY" not in lines
    assert "#EXT-X-ENDLIST" not in lines
