"""Frames as JPEG, for events and for the page."""

import cv2

from appliance.domain.frame import Frame


def encode_jpeg(frame: Frame, max_width_px: int = 1280, quality: int = 85) -> bytes:
    """Return the frame as a JPEG, made smaller where it is wider than ``max_width_px``, never larger.

    Some milliseconds of work: not for the event loop.

    Args:
        frame: any frame.
        max_width_px: at least 2.
        quality: 1 to 100.

    Raises:
        ValueError: width or quality lies outside its range.
    """
    if max_width_px < 2 or not 1 <= quality <= 100:
        raise ValueError(f"a width of 2 or more and a quality of 1–100, not {max_width_px} and {quality}")
    bgr = cv2.cvtColor(frame.i420, cv2.COLOR_YUV2BGR_I420)
    if frame.width > max_width_px:
        height = max(1, round(frame.height * max_width_px / frame.width))
        bgr = cv2.resize(bgr, (max_width_px, height), interpolation=cv2.INTER_AREA)
    done, coded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done, "OpenCV encodes any BGR picture as JPEG"
    return coded.tobytes()
