"""What was recorded is replayed: the same rows, or every difference by name."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from appliance.cli import main
from appliance.decisions.setup import House
from appliance.domain.alert import Rule
from appliance.domain.ids import CameraId, RuleId
from appliance.domain.time import WallUs
from appliance.errors import InvalidInput, NotFound
from appliance.replay.archive import Archive
from appliance.replay.comparison import Comparison, compare
from appliance.replay.crew import Wanted, replay
from appliance.replay.repeat import repeat
from appliance.replay.supposition import Supposition
from appliance.replay.verdict import Verdict, judge, sentence_of
from appliance.store.engine import DATABASE
from appliance.store.times import iso_of_us
from tests.support.deciding import SETUP
from tests.support.living import AWAY, BERLIN, DOOR, an_evening, living
from tests.support.sightings import CAMERA, NOON_US, person

EVER = WallUs(2**62)
ALL_OF_IT = ("--from", iso_of_us(NOON_US))


@pytest.fixture
async def recorded(tmp_path: Path) -> Path:
    """A data directory in which a camera's evening is stored, midnight and changed settings in it."""
    async with living(tmp_path) as live:
        await an_evening(live)
        await live.trunk.committer.drain()
    return tmp_path


def judged(data: Path, from_us: WallUs = NOON_US, to_us: WallUs = EVER) -> Verdict:
    """Return what a replay of that time finds."""
    with Archive(data) as archive:
        return judge(archive, [repeat(archive, CAMERA, from_us, to_us)], from_us, to_us)


def supposed(data: Path, supposition: Supposition) -> Comparison:
    """Return what would have been different."""
    with Archive(data) as archive:
        return compare([repeat(archive, CAMERA, NOON_US, EVER, supposition)])


def tamper(data: Path, *statements: str) -> None:
    """Change rows as a program would that knows nothing of the triggers."""
    with closing(sqlite3.connect(data / DATABASE)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def asked(data: Path, sql: str) -> list[tuple[object, ...]]:
    """Return rows."""
    with closing(sqlite3.connect(data / DATABASE)) as connection:
        return connection.execute(sql).fetchall()


async def test_an_evening_is_replayed_field_for_field(recorded: Path) -> None:
    """Rules and names change in it, the camera falls silent and is taken away, and midnight passes."""
    verdict = judged(recorded)
    events = len(asked(recorded, f"SELECT id FROM events WHERE started_us >= {NOON_US}"))
    alerts = len(asked(recorded, f"SELECT id FROM alerts WHERE created_us >= {NOON_US}"))
    assert verdict.sentence == f"{events} events, {alerts} alerts: the same", verdict.found
    assert (events, alerts) == (5, 6)
    assert (verdict.deleted, verdict.notes) == (0, ())


async def test_a_clock_that_was_put_back_is_replayed_in_the_order_of_the_day(tmp_path: Path) -> None:
    """Frames come again of times that were there already, and settings change between the two."""
    async with living(tmp_path) as live:
        await live.pass_time(120)
        await live.see(3, person())
        live.watch.configure(replace(DOOR, name="Back door"), House())
        live.clock.step_wall(-60)
        live.watch.configure(DOOR, SETUP.house)
        await live.see(2, AWAY)
        live.watch.configure(replace(DOOR, name="Gate"), SETUP.house)
        await live.see(3, AWAY, ("dog", 0.6, (0.1, 0.6, 0.2, 0.8)))
        await live.pass_time(200)
        await live.trunk.committer.drain()
    verdict = judged(tmp_path)
    assert verdict.sentence.endswith("the same"), verdict.found
    assert (verdict.events >= 3, verdict.frames, verdict.notes) == (True, 40, ())


@pytest.mark.parametrize("from_s", [1, 4, 30, 13 * 3600])
async def test_it_can_begin_at_any_time(recorded: Path, from_s: int) -> None:
    """What began before is decided as well, and not compared; what goes on is followed to its end."""
    from_us = WallUs(NOON_US + from_s * 1_000_000)
    verdict = judged(recorded, from_us, WallUs(from_us + 5_000_000))
    (count,) = asked(
        recorded, f"SELECT count(*) FROM events WHERE started_us BETWEEN {from_us} AND {from_us + 4_999_999}"
    )
    assert verdict.found == ()
    assert (verdict.events,) == count


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE events SET score = 0.111 WHERE label = 'dog'", "score 0.111, again 0.6"),
        ("UPDATE events SET zones = '[1]' WHERE label = 'dog'", "zones [1], again "),
        ("UPDATE alerts SET summary = 'somebody'", "summary somebody, again "),
        ("UPDATE batches SET event_count = 17", "event_count 17, again "),
        ("DELETE FROM events WHERE label = 'dog'", "was decided again and is not stored"),
        ("UPDATE events SET id = 'other' WHERE label = 'dog'", "event other"),
        ("DELETE FROM detections WHERE id % 2 = 0", ""),
        ("DELETE FROM journal", ""),
    ],
)
async def test_every_difference_is_named(recorded: Path, statement: str, said: str) -> None:
    """Whatever is stored in another way than it is decided, and what it was decided on."""
    tamper(recorded, statement, "UPDATE outbox SET at = '2026-01-01T00:00:00.000Z'")
    verdict = judged(recorded)
    assert verdict.found
    assert "difference" in verdict.sentence
    assert any(said in sentence_of(found) for found in verdict.found)


async def test_what_the_owner_changed_is_not_compared(recorded: Path) -> None:
    """Marks, notes, pictures, and how far an alert has come."""
    tamper(
        recorded,
        "UPDATE events SET reviewed = 1, note = 'the cat', picture = 'x.jpg'",
        "UPDATE alerts SET state = 'dismissed', dismissed_us = 1",
        "UPDATE batches SET reviewed = 1",
    )
    assert judged(recorded).found == ()


async def test_what_the_owner_deleted_is_no_difference(recorded: Path) -> None:
    """Its event, its alerts and its batch; that it was deleted was said."""
    with closing(sqlite3.connect(recorded / DATABASE)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM events WHERE label = 'dog'")
        connection.commit()
    verdict = judged(recorded)
    assert verdict.found == ()
    assert verdict.deleted > 0


def outdate(data: Path, snapshots: str) -> None:
    """Make states those of another version, which did not keep all that this one does."""
    with closing(sqlite3.connect(data / DATABASE)) as connection:
        for number, state in connection.execute(
            f"SELECT id, state FROM snapshots WHERE {snapshots}"
        ).fetchall():
            values, root = msgspec.msgpack.decode(state)
            place = root.index("_missed")
            del root[place : place + 2]
            older = msgspec.msgpack.encode([values, root])
            connection.execute("UPDATE snapshots SET version = '0', state = ? WHERE id = ?", (older, number))
        connection.commit()


async def test_what_another_version_cannot_go_on_with_is_left_out(recorded: Path) -> None:
    """It begins where this one came, and says from when on; where it never came it says that."""
    outdate(recorded, "id = (SELECT min(id) FROM snapshots)")
    verdict = judged(recorded)
    assert (verdict.found, verdict.events) == ((), 2)
    (note,) = verdict.notes
    assert "what is stored of it begins at 2026-09-21T22:00:0" in note, "midnight in Berlin"
    outdate(recorded, "version <> '0'")
    with pytest.raises(InvalidInput, match="stored by another version"):
        judged(recorded)


async def test_nothing_is_written(recorded: Path) -> None:
    """The database is the same to the byte, whatever was tried."""
    before = (recorded / DATABASE).read_bytes()
    judged(recorded)
    supposed(recorded, Supposition(removed_rule=RuleId("r1")))
    assert (recorded / DATABASE).read_bytes() == before


async def test_another_rule_makes_other_alerts_of_the_same_events(recorded: Path) -> None:
    """A rule that is gone takes its alerts with it, one more brings its own, and no event changes."""
    alerts = len(asked(recorded, "SELECT id FROM alerts"))
    gone = supposed(recorded, Supposition(removed_rule=RuleId("r1")))
    assert gone.before.events == gone.after.events
    assert {item.what for item in gone.gone} == {"alert"}
    assert (gone.before.alerts, gone.after.alerts, gone.come) == (alerts, alerts - len(gone.gone), ())
    more = supposed(recorded, Supposition(rule=Rule(RuleId("r9"), "Dogs", labels=frozenset({"dog"}))))
    assert [(item.what, item.label) for item in more.come] == [("alert", "dog")]
    assert more.gone == ()
    assert "1 comes" in more.sentence


async def test_other_settings_make_other_events(recorded: Path) -> None:
    """With a score that nothing reaches there is no event, and each that goes is named."""
    strict = replace(BERLIN.tracks, high_score=0.95, low_score=0.9)
    found = supposed(recorded, Supposition(tracks=strict))
    assert (found.after.events, found.after.alerts) == (0, 0)
    assert len(found.gone) == found.before.events + found.before.alerts
    assert found.sentence.startswith(f"0 alerts instead of {found.before.alerts}")
    assert all(item.reason for item in found.gone)


async def test_what_changes_nothing_says_so(recorded: Path) -> None:
    """The rule that there is, set again."""
    same = Rule(RuleId("r9"), "Cats", labels=frozenset({"cat"}))
    found = supposed(recorded, Supposition(rule=same))
    assert (found.gone, found.come, found.changed) == ((), (), ())
    assert found.sentence == f"{found.after.alerts} alerts as before; {found.after.events} events as before."


async def test_several_processes_find_what_one_finds(recorded: Path) -> None:
    """Each camera is decided on by one of them; what is stored of none is left out."""
    columns = "frame_us, at_us, version, setup, state, is_start, journal_id, detection_id"
    tamper(recorded, f"INSERT INTO snapshots (camera_id, {columns}) SELECT 'yard', {columns} FROM snapshots")
    cameras = (CAMERA, CameraId("yard"))
    alone = replay(Wanted(recorded, cameras, NOON_US, EVER), 1)
    told: list[int] = []
    together = replay(Wanted(recorded, cameras, NOON_US, EVER), 2, told.append)
    assert together == alone
    assert [one.camera for one in together] == list(cameras)
    assert sum(told) == sum(one.frames for one in together)


async def test_what_is_not_stored_cannot_be_replayed(recorded: Path) -> None:
    """A time before the first start, and a camera that is not known."""
    with pytest.raises(NotFound, match="front"), Archive(recorded) as archive:
        repeat(archive, CAMERA, WallUs(0), WallUs(1))
    with pytest.raises(NotFound, match="attic"), Archive(recorded) as archive:
        repeat(archive, CameraId("attic"), NOON_US, EVER)


async def test_the_command_says_the_same_and_returns_zero(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line for a person, one object for a program."""
    assert main(["replay", *ALL_OF_IT, "--data", str(recorded)]) == 0
    words = capsys.readouterr().out
    assert words.splitlines()[-1].endswith(": the same")
    assert main(["replay", *ALL_OF_IT, "--data", str(recorded), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["same"], told["differences"], told["other_versions"]) == (True, [], [])
    assert f"{told['events']} events, {told['alerts']} alerts: the same" in words


async def test_the_command_names_differences_and_returns_one(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line for each."""
    tamper(recorded, "UPDATE events SET score = 0.111 WHERE label = 'dog'")
    assert main(["replay", *ALL_OF_IT, "--camera", CAMERA, "--data", str(recorded)]) == 1
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("front: event ")
    assert first.endswith("score 0.111, again 0.6")
    assert last.endswith(": 1 difference")


async def test_the_command_tries_another_configuration(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It prints what would have been different; that is no failure."""
    file = recorded / "new.toml"
    file.write_text("[tracks]\nhigh_score = 0.95\nlow_score = 0.9\n")
    assert main(["replay", *ALL_OF_IT, "--config", str(file), "--data", str(recorded)]) == 0
    first, *others = capsys.readouterr().out.splitlines()
    assert first.startswith("0 alerts instead of ")
    assert all(line.startswith("- ") for line in others)
    assert len(others) > 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "yesterday"], "--from: expected a time with its zone"),
        (["--from", "2026-09-21T12:00:00"], "--from: expected a time with its zone"),
        (["--from", "2026-09-21T12:00:00Z", "--to", "2026-09-21T12:00:00Z"], "expected a time before --to"),
        (["--from", "2026-09-21T12:00:00Z", "--camera", "attic"], "camera 'attic'"),
    ],
)
async def test_wrong_input_is_one_line_and_status_two(
    recorded: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names what was expected."""
    assert main(["replay", *arguments, "--data", str(recorded)]) == 2
    assert said in capsys.readouterr().err
