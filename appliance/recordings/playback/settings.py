"""What can be tuned in playback and export."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlaybackSettings:
    """Bounds of what may be asked of the footage at once.

    Attributes:
        timeline_days: the longest range of a timeline.
        playlist_hours: the longest range of a playlist.
        export_hours: the longest range of an export.
        exports_waiting: exports that wait for the one that runs; one more is answered with 503.
        reserve_bytes: stay free on the disk of the data folder, whatever is exported.
        clip_before_s: shown of an event's footage from before its begin.
        clip_after_s: shown of it from after its object was seen last.
        preview_width_px: of preview pictures.
        previews_bytes: of preview pictures that are kept on the disk; the longest unseen ones go first.
        preview_threads: preview pictures that are made at once.
        previews_waiting: preview pictures that wait to be made; one more is answered with 503.
    """

    timeline_days: float = 8.0
    playlist_hours: float = 6.0
    export_hours: float = 24.0
    exports_waiting: int = 20
    reserve_bytes: int = 1024 * 1024 * 1024
    clip_before_s: float = 5.0
    clip_after_s: float = 5.0
    preview_width_px: int = 320
    previews_bytes: int = 256 * 1024 * 1024
    preview_threads: int = 2
    previews_waiting: int = 64
