"""The sentences that people read."""

import pytest

from appliance.events.words import counted, duration, listed, sentence


@pytest.mark.parametrize(
    ("label", "number", "words"),
    [
        ("person", 1, "1 person"),
        ("person", 2, "2 people"),
        ("car", 3, "3 cars"),
        ("bus", 2, "2 buses"),
        ("bench", 2, "2 benches"),
        ("sheep", 2, "2 sheep"),
        ("mouse", 2, "2 mice"),
        ("motion", 1, "motion"),
        ("motion", 4, "motion"),
    ],
)
def test_labels_are_counted_in_plain_english(label: str, number: int, words: str) -> None:
    """Plurals are right, and motion is not counted."""
    assert counted(label, number) == words


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([], ""),
        (["1 car"], "1 car"),
        (["1 car", "1 dog"], "1 car and 1 dog"),
        (["a", "b", "c"], "a, b and c"),
    ],
)
def test_a_list_reads_as_one_says_it(parts: list[str], text: str) -> None:
    """Commas, and one and."""
    assert listed(parts) == text


@pytest.mark.parametrize(
    ("seconds", "going_on", "over"),
    [
        (-1, "", "1 s"),
        (0, "", "1 s"),
        (4.9, "", "4 s"),
        (5, "5 s", "5 s"),
        (43.4, "40 s", "43 s"),
        (59.9, "55 s", "59 s"),
        (60, "1 min", "1 min"),
        (199, "3 min", "3 min"),
        (3599, "59 min", "59 min"),
        (3600, "1 h", "1 h"),
        (3600 * 2 + 60 * 19, "2 h 10 min", "2 h 10 min"),
    ],
)
def test_a_duration_is_rounded_down_and_coarser_while_it_grows(
    seconds: float, going_on: str, over: str
) -> None:
    """A row whose sentence it is in changes at most every five seconds for it."""
    assert duration(seconds, is_over=False) == going_on
    assert duration(seconds, is_over=True) == over


@pytest.mark.parametrize(
    ("labels", "seconds", "text"),
    [
        (["person"], 40, "1 person at Front door for 40 s"),
        (["person"], 1, "1 person at Front door"),
        (["person", "car", "person"], 185, "2 people and 1 car at Front door for 3 min"),
        (["motion"], 20, "Motion at Front door for 20 s"),
        (["motion", "motion", "car", "person"], 20, "1 car, 1 person and motion at Front door for 20 s"),
    ],
)
def test_a_sentence_says_what_where_and_how_long(labels: list[str], seconds: float, text: str) -> None:
    """The most numerous first, motion last, a capital at the beginning."""
    assert sentence(labels, "Front door", seconds, is_over=False) == text


def test_lines_that_were_crossed_are_named_once() -> None:
    """However often; and no more than two of them."""
    crossed = ["Gate", "Drive", "Gate", "Lawn"]
    assert sentence(["person"], "Yard", 40, is_over=True, crossed=crossed[:1]) == (
        "1 person at Yard for 40 s, crossed Gate"
    )
    assert sentence(["car"], "Yard", 0, is_over=False, crossed=crossed) == (
        "1 car at Yard, crossed Gate and Drive"
    )
