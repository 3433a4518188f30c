"""The box's time zone has a name."""

import zoneinfo
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.runtime.local_zone import local_zone_name

ZONES = [folder for folder in map(Path, zoneinfo.TZPATH) if (folder / "Europe/Berlin").is_file()]
pytestmark = pytest.mark.skipif(not ZONES, reason="this machine has no time zone database")


def test_a_link_into_the_database_says_the_name(tmp_path: Path) -> None:
    """As timedatectl makes it."""
    (tmp_path / "localtime").symlink_to(ZONES[0] / "Europe/Berlin")
    assert local_zone_name(tmp_path / "localtime") == "Europe/Berlin"


def test_a_copy_is_known_by_its_rules(tmp_path: Path) -> None:
    """As some containers have it: the zone that is found has the same times."""
    (tmp_path / "localtime").write_bytes((ZONES[0] / "Europe/Berlin").read_bytes())
    found = zoneinfo.ZoneInfo(local_zone_name(tmp_path / "localtime"))
    for month in (1, 7):
        at, berlin = datetime(2026, month, 1, tzinfo=UTC), zoneinfo.ZoneInfo("Europe/Berlin")
        assert at.astimezone(found).utcoffset() == at.astimezone(berlin).utcoffset()


def test_without_one_it_is_utc(tmp_path: Path) -> None:
    """Missing, or of no zone that is known."""
    assert local_zone_name(tmp_path / "localtime") == "UTC"
    (tmp_path / "localtime").write_bytes(b"TZif of nobody")
    assert local_zone_name(tmp_path / "localtime") == "UTC"
