"""Which code made a state."""

from appliance import __version__
from appliance.store.journal import code_version


def test_the_same_code_has_the_same_version() -> None:
    """It begins with the program's, for people."""
    assert code_version() == code_version()
    assert code_version().startswith(f"{__version__}+")
