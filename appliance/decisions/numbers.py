"""The numbers that a camera's tracks are given."""


class Numbers:
    """Counts on from the last number given out; an iterator whose place can be kept."""

    def __init__(self, last: int) -> None:
        self._last = last

    def __iter__(self) -> "Numbers":
        return self

    def __next__(self) -> int:
        self._last += 1
        return self._last
