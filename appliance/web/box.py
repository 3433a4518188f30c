"""The machine below the service: CPU and memory, the database, the queues, and how all of it was before."""

import typing

from aiohttp import web

from appliance.backup.watch import BackupReport
from appliance.domain.time import US_PER_S, WallUs
from appliance.monitor.database import DatabaseFigures
from appliance.runtime.latencies import Spread
from appliance.runtime.log import redact
from appliance.store import samples
from appliance.store.figures import LogEnd
from appliance.store.samples import Bucket
from appliance.store.times import iso_of_us
from appliance.web import answers, times, wire
from appliance.web.body import query
from appliance.web.ports import Collaborators
from appliance.web.times import Times

SAMPLE_US = 60 * US_PER_S
"""There is one sample in so much time: shorter parts would be empty."""
LONGEST_S = 3660 * 86_400.0
"""Longer than samples are kept at most."""


class BoxHandlers:
    """The handlers of the machine, the database and the queues."""

    def __init__(self, with_: Collaborators) -> None:
        self._with = with_

    async def host(self, _request: web.Request) -> web.Response:
        """Read CPU, memory, temperatures and the clock's state; what cannot be read is null."""
        return answers.of_struct(self._with.host.stats)

    async def database(self, _request: web.Request) -> web.Response:
        """Read how large the database is, what lies in it, and how long its commits take."""
        about, figures = self._with.about, await self._with.database.read()
        check = None
        if about.checked_at is not None:
            check = wire.DatabaseCheck(about.checked_at, about.is_check_whole)
        return answers.of_struct(_database(figures, check, _backup(await self._with.backups.read())))

    async def queues(self, _request: web.Request) -> web.Response:
        """Read how full each bounded queue is, and what was left out since the start and in the last hour."""
        return answers.of_struct(wire.Queues(self._with.queues.report()))

    async def history(self, request: web.Request) -> web.Response:
        """Read how the box was doing in a time, in so many parts at most, each with least, mean and most."""
        asked = query(request.query, wire.HistoryQuery)
        time = times.range_of(asked.from_, asked.to, LONGEST_S)
        bucket_us = bucket_of(time, asked.points)
        async with self._with.reader.read() as connection:
            found = await connection.run_sync(samples.buckets, time.from_us, time.to_us, bucket_us)
        series = [
            wire.HistorySeries(name, [_point(bucket, time.from_us, bucket_us) for bucket in found[name]])
            for name in typing.get_args(wire.FigureWord)
        ]
        return answers.of_struct(
            wire.History(iso_of_us(time.from_us), iso_of_us(time.to_us), bucket_us / US_PER_S, series)
        )


def bucket_of(time: Times, points: int) -> int:
    """Return how many microseconds each part has: whole minutes, and no more parts than were asked for."""
    at_least = -(-(time.to_us - time.from_us) // points)
    return -(-at_least // SAMPLE_US) * SAMPLE_US


def _point(bucket: Bucket, from_us: WallUs, bucket_us: int) -> wire.HistoryPoint:
    at = iso_of_us(from_us + bucket.place * bucket_us)
    return wire.HistoryPoint(at, bucket.least, round(bucket.mean, 3), bucket.most)


def _backup(report: BackupReport) -> wire.Backup:
    made, tried = report.record.made, report.record.rehearsed
    is_tried = made is not None and tried is not None and tried.file == made.file and tried.at >= made.at
    return wire.Backup(
        report.is_wanted,
        None if made is None else made.at,
        None if made is None else made.file,
        None if made is None else made.size,
        not tried.trouble if tried is not None and is_tried else None,
        tried.at if tried is not None and is_tried else None,
        redact(report.trouble if report.is_wanted else ""),
    )


def _database(
    figures: DatabaseFigures, check: wire.DatabaseCheck | None, backup: wire.Backup
) -> wire.Database:
    oldest, newest = figures.log or (None, None)
    return wire.Database(
        str(figures.path),
        figures.size,
        figures.wal_size,
        figures.pages.free * figures.pages.size,
        [wire.TableRows(*table) for table in figures.rows],
        _log_end(oldest),
        _log_end(newest),
        _commit_times(figures.commits),
        figures.waiting,
        check,
        [wire.DatabaseCopy(copy.name, copy.size, iso_of_us(copy.made_us)) for copy in figures.copies],
        backup,
    )


def _log_end(end: LogEnd | None) -> wire.LogEnd | None:
    return None if end is None else wire.LogEnd(end.cursor, iso_of_us(end.at_us))


def _commit_times(spread: Spread | None) -> wire.CommitTimes | None:
    if spread is None:
        return None
    ms = [round(1000 * seconds, 2) for seconds in (spread.p50_s, spread.p99_s, spread.longest_s)]
    return wire.CommitTimes(spread.count, *ms)
