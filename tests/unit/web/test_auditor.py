"""When a download is one that the audit log has already."""

from appliance.domain.time import WallUs
from appliance.store.audit import Entry, OutcomeWord
from appliance.web.auditor import FETCH_NS, MOST_FETCHED, Fetched


def entry(subject: str = "x1", address: str = "192.0.2.1", outcome: OutcomeWord = "done") -> Entry:
    """Return the row of a download by Ann."""
    return Entry(WallUs(1), "Ann", "user", address, "export.download", subject, outcome, {})


def test_the_same_download_counts_once_an_hour() -> None:
    """To fetch it again on another day is written down again."""
    fetched = Fetched()
    moments = [0, 1, FETCH_NS - 1, FETCH_NS, FETCH_NS + 1]
    assert [fetched.is_first(entry(), at) for at in moments] == [True, False, False, True, False]


def test_another_export_address_or_outcome_is_another_download() -> None:
    """A refusal hides no download, and whoever has stolen a login shows by the address."""
    fetched = Fetched()
    others = [entry(), entry("x2"), entry(address="192.0.2.2"), entry(outcome="refused")]
    assert [fetched.is_first(one, 0) for one in others] == [True] * 4


def test_what_is_remembered_of_downloads_is_bounded() -> None:
    """What is forgotten too early is written down once more, never left out."""
    fetched = Fetched()
    for number in range(2 * MOST_FETCHED):
        assert fetched.is_first(entry(f"x{number}"), number)
        assert len(fetched._since) <= MOST_FETCHED
    assert fetched.is_first(entry("x0"), 2 * MOST_FETCHED)
