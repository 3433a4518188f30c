from pathlib import Path

import av
import pytest

from appliance.packets.demo.scene import Scene
from tests.support.demo_clip import SEED, Window, encode, good_window, truth_of


@pytest.fixture(scope="module")
def scene() -> Scene:
    """The street with the people of the clips."""
    return Scene(SEED)


@pytest.mark.parametrize("from_s", [0.0, 900.0])
def test_a_good_window_holds_whole_visits_with_room_between_them(scene: Scene, from_s: float) -> None:
    """Three or four visits, one of which stands still, with empty time before, between and after."""
    window = good_window(scene, from_s)
    visits = truth_of(scene, window)
    assert 40 <= window.duration_s <= 62
    assert len(visits) in (3, 4)
    assert any(visit.stands_s >= 8 for visit in visits)
    edges = [0.0, *(edge for visit in visits for edge in (visit.first_s, visit.last_s)), window.duration_s]
    assert all(after - before >= 2.9 for before, after in zip(edges[::2], edges[1::2], strict=True))


def test_a_clip_is_h264_with_a_keyframe_every_two_seconds(scene: Scene, tmp_path: Path) -> None:
    """Whatever reads cameras' files can read it, and its pictures are the scene's."""
    path = tmp_path / "clip.mp4"
    visits = encode(path, scene, Window(4.0, 4.1))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 1280, 720)
        frames = list(container.decode(stream))
    assert len(frames) == 41
    assert [n for n, frame in enumerate(frames) if frame.key_frame] == [0, 20, 40]
    assert [round(frame.time or 0.0, 1) for frame in frames[:3]] == [0.0, 0.1, 0.2]
    shown = frames[30].to_ndarray()[: scene.height].astype(int)
    assert abs(shown - scene.draw(7.0)[: scene.height]).mean() < 4
    assert len(visits) == 1
