"""HLS media playlists (RFC 8216, version 7) over files of footage: byte ranges, nothing is re-encoded."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appliance.domain.footage import Segment, SegmentState
from appliance.domain.time import US_PER_S, WallUs
from appliance.packets.fmp4 import FileLayout, FragmentPlace
from appliance.store.times import iso_of_us

SHORTEST_PIECE_US = 2 * US_PER_S
"""A media segment ends at the first keyframe after so long; with GOPs of up to 4 s it lasts 2 to 6 s."""

USUAL_PIECE_S = 6
"""The least target duration, so that it stays the same while a playlist grows (RFC 8216, 4.3.3.1)."""


@dataclass(frozen=True, slots=True)
class PlayedFile:
    """A file of footage and where its fragments lie; only what has been synced."""

    segment: Segment
    layout: FileLayout


@dataclass(frozen=True, slots=True)
class Piece:
    """What HLS calls a media segment: a byte range of one file that begins with a keyframe.

    Attributes:
        start_us: when its first picture was taken.
    """

    offset: int
    size: int
    start_us: WallUs
    duration_us: int

    @property
    def end_us(self) -> WallUs:
        """When its last picture ends."""
        return WallUs(self.start_us + self.duration_us)


def pieces(file: PlayedFile) -> list[Piece]:
    """Return the pieces of a file, in order; of one that grows without the last, which may grow too."""
    found = [_piece(file.segment.start_us, run) for run in _runs(file.layout.fragments)]
    return found[:-1] if file.segment.state is SegmentState.OPEN else found


def media_playlist(files: Sequence[PlayedFile], from_us: WallUs, to_us: WallUs, folder: str) -> str:
    """Return the playlist of what was recorded from ``from_us`` until before ``to_us``.

    Positions in each file begin at 0, hence there is a discontinuity between two files. Of each file an
    ``EXT-X-DATERANGE`` says when its position 0 was and which codecs are in it. The list ends
    (``EXT-X-ENDLIST``) unless the range reaches into what is still being written: then it can be asked for
    again, and has grown.

    Args:
        files: of one camera, in order of time.
        from_us: the first piece holds it, and players begin there.
        to_us: the last piece begins before it.
        folder: where segments are served by their ids, relative to the playlist: ``../../segments/``.
    """
    chosen = [(file, _within(pieces(file), from_us, to_us)) for file in files]
    shown = [(file, some) for file, some in chosen if some]
    longest_us = max((piece.duration_us for _, some in shown for piece in some), default=0)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(USUAL_PIECE_S, math.ceil(longest_us / US_PER_S))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    ended = not may_grow(files, to_us)
    lines.append(f"#EXT-X-PLAYLIST-TYPE:{'VOD' if ended else 'EVENT'}")
    if shown and from_us > shown[0][1][0].start_us:
        late_s = (from_us - shown[0][1][0].start_us) / US_PER_S
        lines.append(f"#EXT-X-START:TIME-OFFSET={late_s:.6f},PRECISE=YES")
    for number, (file, some) in enumerate(shown):
        if number > 0:
            lines.append("#EXT-X-DISCONTINUITY")
        lines += _file_lines(file, some, folder)
    if ended:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def may_grow(files: Sequence[PlayedFile], to_us: WallUs) -> bool:
    """Return whether the last of these files is still written and may yet get what was asked for."""
    if not files or files[-1].segment.state is not SegmentState.OPEN:
        return False
    complete = pieces(files[-1])
    return not complete or complete[-1].end_us < to_us


def _file_lines(file: PlayedFile, some: Sequence[Piece], folder: str) -> Iterator[str]:
    segment = file.segment
    # Players such as ffmpeg look at a name's ending before they fetch it.
    uri = f"{folder}{segment.id}.mp4"
    yield (
        f'#EXT-X-DATERANGE:ID="{segment.id}",CLASS="file",START-DATE="{iso_of_us(segment.start_us)}",'
        f'X-START-US="{segment.start_us}",X-CODECS="{segment.codecs}"'
    )
    yield f'#EXT-X-MAP:URI="{uri}",BYTERANGE="{file.layout.init_size}@0"'
    for piece in some:
        yield f"#EXT-X-PROGRAM-DATE-TIME:{iso_of_us(piece.start_us)}"
        yield f"#EXTINF:{piece.duration_us / US_PER_S:.6f},"
        yield f"#EXT-X-BYTERANGE:{piece.size}@{piece.offset}"
        yield uri


def _runs(fragments: Sequence[FragmentPlace]) -> Iterator[list[FragmentPlace]]:
    """Yield the fragments in runs that begin with a keyframe; what lies before the first one is left out."""
    run: list[FragmentPlace] = []
    for fragment in fragments:
        lasted_us = sum(place.duration_us for place in run)
        if fragment.is_keyframe and (not run or lasted_us >= SHORTEST_PIECE_US):
            if run:
                yield run
            run = [fragment]
        elif run:
            run.append(fragment)
    if run:
        yield run


def _piece(base_us: WallUs, run: Sequence[FragmentPlace]) -> Piece:
    first, last = run[0], run[-1]
    return Piece(
        first.offset,
        last.offset + last.size - first.offset,
        WallUs(base_us + first.start_us),
        last.start_us + last.duration_us - first.start_us,
    )


def _within(some: Sequence[Piece], from_us: WallUs, to_us: WallUs) -> list[Piece]:
    return [piece for piece in some if piece.start_us < to_us and piece.end_us > from_us]
