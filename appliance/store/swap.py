"""Putting a prepared database, with its pictures and keys, in the place of the present one, or not at all.

What is to come lies in a folder beside it. Once that folder bears its final name the swap has happened as
far as anybody is concerned: whatever cuts it off, the next start completes it. What was there before is
never deleted.
"""

import os
import re
import shutil
from collections.abc import Collection
from pathlib import Path

import msgspec

from appliance.errors import StoreUnavailable
from appliance.store.data_folder import DATABASE, EXPORTS, KEYS, PICTURES

UNFINISHED = "restore.partial"
READY = "restore.ready"
PLAN = "swap.json"
ASIDE = re.compile(r"[A-Za-z0-9.-]+")
"""What a former file's name may end in: nothing that leads to another folder."""
MOST_SYNCED_ALONE = 1000
ITEMS = (KEYS, PICTURES, DATABASE)
"""The database last: as long as it is the former one, so is everything that is read with it."""


class Plan(msgspec.Struct, frozen=True):
    """What the swap does besides.

    Attributes:
        aside: what the names of the former files end in, such as ``before-restore-20261127T093000Z``.
        exports: the files of exports that stay; others go aside, since the next start would remove them.
    """

    aside: str
    exports: list[str]


def begin(data_dir: Path) -> Path:
    """Return an empty folder for what is to come; what a killed attempt left in it goes."""
    folder = data_dir / UNFINISHED
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def commit(data_dir: Path, aside: str, exports: Collection[str]) -> None:
    """Say that the folder of ``begin`` is whole and is to take the place of what is there."""
    folder = data_dir / UNFINISHED
    plan = folder / PLAN
    plan.write_bytes(msgspec.json.encode(Plan(aside, sorted(exports))))
    _sync(folder)
    folder.rename(data_dir / READY)
    sync_folder(data_dir)


def complete(data_dir: Path) -> Path | None:
    """Do what was committed, or the rest of it, and return where the former database lies now, if any does.

    Only whoever holds the lock of the data's folder may call this.

    Raises:
        StoreUnavailable: the plan is none that was written here.
    """
    discard(data_dir)
    folder = data_dir / READY
    if not folder.is_dir():
        return None
    plan = _read_plan(folder / PLAN)
    for name in ITEMS:
        if (folder / name).exists():
            _move_aside(data_dir, name, plan.aside)
            (folder / name).rename(data_dir / name)
            sync_folder(data_dir)
    _spare_exports(data_dir / EXPORTS, plan)
    folder.rename(data_dir / UNFINISHED)  # without its plan it would be no more than that
    sync_folder(data_dir)
    discard(data_dir)
    former = data_dir / f"{DATABASE}.{plan.aside}"
    return former if former.exists() else None


def _read_plan(path: Path) -> Plan:
    try:
        plan = msgspec.json.decode(path.read_bytes(), type=Plan)
    except msgspec.MsgspecError as err:
        raise StoreUnavailable(f"{path}: expected the plan of a restore: {err}") from err
    if not ASIDE.fullmatch(plan.aside):
        raise StoreUnavailable(f"{path}: expected the end of a file's name in 'aside', got {plan.aside!r}")
    return plan


def discard(data_dir: Path) -> None:
    """Remove what is not whole and is not going to be."""
    shutil.rmtree(data_dir / UNFINISHED, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Bring all in a folder to the disk: file by file, or, of thousands, whatever else there is with it."""
    paths = [folder, *folder.rglob("*")]
    if len(paths) > MOST_SYNCED_ALONE:
        os.sync()
        return
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk for good."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def move_database_aside(data_dir: Path, aside: str) -> None:
    """Move a database out of the way with its log, which is never played into another one."""
    _move_aside(data_dir, DATABASE, aside)


def _move_aside(data_dir: Path, name: str, aside: str) -> None:
    suffixes = ("-wal", "-shm", "") if name == DATABASE else ("",)
    for suffix in suffixes:
        present = data_dir / f"{name}{suffix}"
        if present.exists():
            present.rename(data_dir / f"{name}.{aside}{suffix}")


def _spare_exports(folder: Path, plan: Plan) -> None:
    if not folder.is_dir():
        return
    others = [path for path in folder.iterdir() if path.name not in plan.exports]
    spared = folder.with_name(f"{folder.name}.{plan.aside}")
    if others:
        spared.mkdir(mode=0o700, exist_ok=True)
    for path in others:
        path.rename(spared / path.name)
