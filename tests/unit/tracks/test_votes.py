"""The vote on a label."""

import pytest

from appliance.tracks.votes import Votes

Hit = tuple[str, float, bool]


def voted(hits: list[Hit]) -> Votes:
    """Return the vote after these hits."""
    votes = Votes(specific_min_hits=3, specific_min_ratio=0.15)
    for label, score, is_cut_off in hits:
        votes.add(label, score, is_cut_off=is_cut_off)
    return votes


@pytest.mark.parametrize(
    ("hits", "winner"),
    [
        ([("person", 0.5, False)], "person"),
        ([("dog", 0.6, True)] * 3 + [("person", 0.5, False)], "person"),
        ([("dog", 0.5, False)] * 2 + [("person", 0.9, False)], "dog"),
        ([("motion", 0.6, False)] * 3, "motion"),
        ([("motion", 0.6, False)] * 10 + [("person", 0.5, False)] * 3, "person"),
        ([("motion", 0.6, False)] * 10 + [("person", 0.5, False)] * 2, "motion"),
        ([("motion", 0.6, False)] * 97 + [("person", 0.9, False)] * 3, "motion"),
        ([("motion", 0.6, False), ("person", 0.9, False), ("motion", 0.6, False)], "motion"),
        ([("motion", 0.6, False)] + [("cat", 0.9, False)] * 2 + [("person", 0.4, False)] * 3, "person"),
        ([("cat", 0.5, False), ("dog", 0.5, False)], "cat"),
    ],
)
def test_the_winner_of_a_vote(hits: list[Hit], winner: str) -> None:
    """Scores add up, the picture's edge counts a quarter, and a few sure hits win over mere motion."""
    assert voted(hits).winner == winner


def test_the_best_score_is_that_of_the_label_itself() -> None:
    """A high score for another label says nothing about the winner."""
    votes = voted([("person", 0.5, False), ("person", 0.7, False), ("dog", 0.9, True)])
    assert votes.best_score("person") == 0.7
    assert votes.best_score("bus") == 0.0


def test_votes_are_listed_heaviest_first() -> None:
    """The list tells what else the object was taken for."""
    assert voted([("cat", 0.2, False), ("person", 0.5, False)]).weights == (("person", 0.5), ("cat", 0.2))
