"""Where makers put the streams of a camera: the paths that are tried when only its IP address is known."""

from typing import NamedTuple


class Pair(NamedTuple):
    """Path and query of a camera's main stream, and of its smaller one.

    Attributes:
        makers: whose cameras have it, for whoever reads this table.
        second: ``None`` where no usual one is known.
    """

    makers: str
    main: str
    second: str | None


USUAL_PATHS: tuple[Pair, ...] = (
    Pair("Hikvision, Annke, HiLook, Ezviz", "/Streaming/Channels/101", "/Streaming/Channels/102"),
    Pair(
        "Dahua, Amcrest, Lorex, Imou",
        "/cam/realmonitor?channel=1&subtype=0",
        "/cam/realmonitor?channel=1&subtype=1",
    ),
    Pair("Reolink", "/h264Preview_01_main", "/h264Preview_01_sub"),
    Pair("Reolink, of any codec", "/Preview_01_main", "/Preview_01_sub"),
    Pair("TP-Link Tapo, Vigi", "/stream1", "/stream2"),
    Pair(
        "Axis",
        "/axis-media/media.amp?videocodec=h264",
        "/axis-media/media.amp?videocodec=h264&resolution=640x360",
    ),
    Pair("Foscam", "/videoMain", "/videoSub"),
    Pair("Ubiquiti UniFi, standing alone", "/s0", "/s2"),
    Pair("Uniview, Sony", "/media/video1", "/media/video2"),
    Pair("Hanwha, Samsung", "/profile2/media.smp", None),
    Pair("Vivotek", "/live.sdp", "/live2.sdp"),
    Pair("D-Link", "/live1.sdp", "/live2.sdp"),
    Pair("Avycon, TVT", "/profile1", "/profile2"),
    Pair("Hikvision, older", "/h264/ch1/main/av_stream", "/h264/ch1/sub/av_stream"),
    Pair("V380, Yoosee", "/onvif1", "/onvif2"),
    Pair("chips of HiSilicon", "/11", "/12"),
    Pair("airCam and many without a name", "/live/ch00_0", "/live/ch00_1"),
    Pair("without a name", "/live/ch0", "/live/ch1"),
    Pair("without a name", "/live/main", "/live/sub"),
    Pair("without a name", "/ch0_0.h264", "/ch0_1.h264"),
    Pair("Eufy", "/live0", None),
    Pair("Wyze, and many with one stream", "/live", None),
    Pair("what answers at any path", "/", None),
)
"""In the order in which they are tried: what is met most often first, what answers to much last.

From the makers' public documents. Paths that hold user and password (Xiongmai's ``/user=…``) are left out:
they could not be kept secret there.
"""
