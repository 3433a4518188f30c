"""Which bytes a ``Range`` header asks for."""

import pytest

from appliance.web.media import span_of
from appliance.web.problems import Rejected

SPANS = [
    (None, None),
    ("bytes=0-9", (0, 10)),
    ("bytes=10-", (10, 100)),
    ("bytes=90-500", (90, 100)),
    ("bytes=-5", (95, 100)),
    ("bytes=-500", (0, 100)),
    ("bytes=99-99", (99, 100)),
    ("bytes=5-2", None),
    ("bytes=0-1,5-6", None),
    ("bytes=-", None),
    ("items=0-9", None),
    ("bytes=a-b", None),
]


@pytest.mark.parametrize(("text", "span"), SPANS)
def test_one_range_is_understood_and_nonsense_ignored(text: str | None, span: tuple[int, int] | None) -> None:
    """Whoever asks strangely gets all of it, as RFC 9110 allows."""
    assert span_of(text, 100) == span


@pytest.mark.parametrize(("text", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0)])
def test_bytes_that_are_not_there_are_refused(text: str, size: int) -> None:
    """With what would have been right."""
    with pytest.raises(Rejected, match="ends before these bytes"):
        span_of(text, size)
