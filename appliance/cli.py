"""The command ``nightjar``: reads the command line, and says in one line what is wrong.

What a subcommand needs is imported when it runs, so that ``version`` and ``--help`` answer at once.
"""

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from appliance import __version__, model_commands
from appliance.command_line import (
    EXIT_BAD_INPUT,
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    Commands,
    Parser,
    add_command,
    add_config,
    add_data,
    announce,
    chosen_config,
    percent,
    work_on,
)
from appliance.errors import ConfigError, InvalidInput, NightjarError, NotFound

if TYPE_CHECKING:
    from appliance.config import Config
    from appliance.recordings.keeping.check import Progress, Say
    from appliance.replay.supposition import Supposition
    from appliance.runtime.clock import Clock

PROGRESS_S = 5.0
"""How often a long check says how far it has come."""
FOOTAGE_S = 60.0
"""How long a restore looks for footage; the service goes on with it, beside the recording."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, 1 when it failed, 2 when its input is wrong."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except (InvalidInput, NotFound) as err:
        return _say(str(err), EXIT_BAD_INPUT)
    except NightjarError as err:
        return _say(str(err), EXIT_FAILED)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        "nightjar", description="An edge NVR appliance for the cameras of a LAN.", allow_abbrev=False
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    run = add_command(commands, "run", _run, "start the appliance and stay")
    add_config(run)
    add_data(run)
    run.add_argument("--host", help="address of this machine to listen on (default: 127.0.0.1)")
    run.add_argument("--port", type=int, help="port to listen on, 0 for a free one (default: 8080)")
    run.add_argument(
        "--demo", action="store_true", help="add a camera that shows a street drawn by the program"
    )

    config = commands.add_parser("config", help="look at the configuration")
    config_commands = config.add_subparsers(required=True, metavar="COMMAND")
    config_check = add_command(
        config_commands, "check", _config_check, "say whether a configuration file is right"
    )
    config_check.add_argument("config", nargs="?", type=Path, metavar="FILE", help="the file to check")

    check = add_command(commands, "check", _check, "verify the database and the files that belong to it")
    add_config(check)
    add_data(check)
    check.add_argument(
        "--no-hashes",
        action="store_true",
        help="look at names and sizes of the files of footage, but read none",
    )

    forget = add_command(
        commands, "forget-volume", _forget_volume, "give up the footage of a disk that never comes back"
    )
    forget.add_argument("volume", metavar="VOLUME", help="its id, as the check and the API name it")
    add_config(forget)
    add_data(forget)

    _add_backup(commands)
    _add_replay(commands)

    model_commands.add(commands)
    _add_access(commands)

    add_command(commands, "version", _version, "print the version")
    return parser


def _add_access(commands: Commands) -> None:
    password = add_command(commands, "password", _password, "let a user have another password")
    password.add_argument("name", metavar="NAME", help="the user; the password is read from the terminal")
    setup = add_command(
        commands,
        "setup-token",
        _setup_token,
        "print the token with which a new box is claimed",
    )
    for subcommand in (password, setup):
        add_config(subcommand)
        add_data(subcommand)


def _add_backup(commands: Commands) -> None:
    backup = add_command(
        commands, "backup", _backup, "copy all but the footage to one file, beside the running service"
    )
    backup.add_argument(
        "file", type=Path, metavar="FILE", help="the file to write; one of that name is replaced"
    )

    restore = add_command(
        commands, "restore", _restore, "put a backup in the place of the data, with the service stopped"
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="the backup")
    restore.add_argument(
        "--verify",
        action="store_true",
        help="only try it, in a folder that is removed again; the service may run",
    )

    bundle = add_command(
        commands, "support-bundle", _support_bundle, "write a file for those who help, without secrets"
    )
    bundle.add_argument("file", type=Path, metavar="FILE", help="the file to write")
    bundle.add_argument(
        "--anonymous",
        action="store_true",
        help="put letters in the place of names and addresses of cameras, rules and zones",
    )
    for subcommand in (backup, restore, bundle):
        add_config(subcommand)
        add_data(subcommand)


def _add_replay(commands: Commands) -> None:
    replay = add_command(
        commands, "replay", _replay, "decide a past time anew from what is stored, and say what is different"
    )
    replay.add_argument("--from", dest="from_", required=True, metavar="TIME", help="from then on (ISO 8601)")
    replay.add_argument("--to", metavar="TIME", help="until then (default: now)")
    replay.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="try this configuration instead of that of the day, and say what would have been different",
    )
    replay.add_argument(
        "--camera", action="append", metavar="ID", help="only this camera; may be given several times"
    )
    replay.add_argument("--json", action="store_true", help="print one JSON object for programs")
    add_data(replay)

    preview = commands.add_parser("preview", allow_abbrev=False)
    preview.set_defaults(command=_preview)  # asked by the service itself, hence in no list
    preview.add_argument("--data", type=Path, required=True)


def _run(options: argparse.Namespace) -> int:
    from appliance import config

    chosen = config.with_overrides(
        config.load(options.config), options.data, options.host, options.port, options.demo
    )

    import uvloop

    from appliance import compose
    from appliance.runtime import log

    log.configure(chosen.log.level)
    try:
        uvloop.run(compose.run(chosen, announce))
    except OSError as err:
        return _say(f"cannot start: {err}", EXIT_FAILED)
    return 0


def _config_check(options: argparse.Namespace) -> int:
    from appliance import config

    path: Path = options.config or config.DEFAULT_FILE
    chosen = config.load(path)
    if chosen.server.own_certificate is not None:
        from appliance.runtime.clock import SystemClock
        from appliance.web.certificate import fault

        wrong = fault(*chosen.server.own_certificate, SystemClock().wall_us())
        if wrong is not None:
            raise ConfigError(f"{path}: server.certificate: {wrong}")
    count = len(chosen.cameras)
    announce(f"{path}: right; {count} camera{'' if count == 1 else 's'}")
    return 0


def _check(options: argparse.Namespace) -> int:
    data = work_on(chosen_config(options))

    from appliance.recordings.keeping.check import check_footage
    from appliance.runtime.clock import SystemClock
    from appliance.store.check import check

    clock = SystemClock()
    differences = check(data)
    differences += check_footage(data, clock, not options.no_hashes, _how_far(clock))
    for difference in differences:
        announce(difference)
    announce(f"{data}: {len(differences) or 'no'} difference{'' if len(differences) == 1 else 's'} found")
    return EXIT_FAILED if differences else 0


def _forget_volume(options: argparse.Namespace) -> int:
    data = work_on(chosen_config(options))

    from appliance.domain.ids import VolumeId
    from appliance.recordings.keeping.forget_volume import forget_volume
    from appliance.runtime.clock import SystemClock

    count = forget_volume(data, VolumeId(options.volume), SystemClock())
    announce(f"{options.volume}: forgotten; {count} segment{'' if count == 1 else 's'} given up")
    return 0


def _how_far(clock: "Clock") -> "Say":
    """Return what says on standard error how far a long check has come, every few seconds."""
    from appliance.runtime.clock import seconds_since

    said_ns = clock.monotonic_ns()

    def say(progress: "Progress") -> None:
        nonlocal said_ns
        if seconds_since(clock, said_ns) >= PROGRESS_S:
            said_ns = clock.monotonic_ns()
            done = f"{progress.files} of {progress.of} files, {progress.size / 1e9:.1f} GB"
            print(f"nightjar check: {done}", file=sys.stderr)

    return say


def _replay(options: argparse.Namespace) -> int:
    from appliance import config
    from appliance.replay import command
    from appliance.runtime.clock import SystemClock

    clock = SystemClock()
    chosen = None if options.config is None else config.load(options.config)
    data = work_on(config.with_overrides(chosen or config.load(None), options.data))
    asked = command.Asked(
        data=data,
        from_us=command.time_of("--from", options.from_),
        to_us=clock.wall_us() if options.to is None else command.time_of("--to", options.to),
        cameras=tuple(options.camera or ()),
        supposition=None if chosen is None else _supposed(chosen),
        as_json=options.json,
    )
    return EXIT_FAILED if command.replay(asked, announce, _replay_progress(clock)) else 0


def _supposed(chosen: "Config") -> "Supposition":
    from appliance.replay.supposition import Drawn, Supposition

    return Supposition(
        names={camera.id: camera.name for camera in chosen.cameras},
        scenes={camera.id: Drawn.whole(camera.scene) for camera in chosen.cameras},
        tracks=chosen.tracks,
        events=chosen.events,
    )


def _replay_progress(clock: "Clock") -> "Callable[[int], None]":
    """Return what says on standard error how far a long replay has come, every few seconds."""
    from appliance.runtime.clock import seconds_since

    said_ns, frames = clock.monotonic_ns(), 0

    def tell(more: int) -> None:
        nonlocal said_ns, frames
        frames += more
        if seconds_since(clock, said_ns) >= PROGRESS_S:
            said_ns = clock.monotonic_ns()
            print(f"nightjar replay: {frames:,} analysed frames decided on anew", file=sys.stderr)

    return tell


def _backup(options: argparse.Namespace) -> int:
    from appliance.backup import command
    from appliance.backup.backup import Asked
    from appliance.runtime.clock import SystemClock

    chosen, config = chosen_config(options), _config_file(options)
    data = work_on(chosen, reads=[config], writes=[options.file])
    asked = Asked(data, options.file, config, __version__)
    announce(command.backup(asked, SystemClock(), percent()))
    return 0


def _restore(options: argparse.Namespace) -> int:
    from appliance.backup import command
    from appliance.backup.archive_reader import open_backup
    from appliance.backup.found_again import FoundAgain, find_footage
    from appliance.backup.restore import restore
    from appliance.config import DEFAULT_FILE
    from appliance.errors import Conflict
    from appliance.runtime.clock import SystemClock

    clock, file = SystemClock(), options.config or DEFAULT_FILE
    if _config_file(options) is None:
        options.config = None  # it may be in the backup
    opened = open_backup(options.file)  # root may be the only one who can
    data = work_on(chosen_config(options), reads=[] if options.verify else [file])
    if options.verify:
        is_well, line = command.verify(options.file, data, clock, percent(), opened)
        announce(line)
        return 0 if is_well else EXIT_FAILED
    restored = restore(options.file, data, file, clock, percent(), opened)
    options.config = file if file.exists() else None
    chosen = chosen_config(options)
    found: FoundAgain | None = None
    with contextlib.suppress(Conflict):  # somebody has started the service meanwhile: it looks for itself
        found = find_footage(data, chosen.footage_paths, chosen.recordings, clock, FOOTAGE_S)
    announce(command.restored_line(options.file, restored, found))
    return 0


def _support_bundle(options: argparse.Namespace) -> int:
    from appliance.bundle.bundle import Asked, read_journal, write_bundle
    from appliance.runtime.clock import SystemClock

    chosen, config = chosen_config(options), _config_file(options)
    journal = read_journal()  # root may be the only one who can
    asked = Asked(
        options.file,
        work_on(chosen, reads=[config], writes=[options.file]),
        config,
        chosen.server.host,
        chosen.server.port,
        version=__version__,
        is_anonymous=options.anonymous,
        journal=journal,
    )
    names = write_bundle(asked, SystemClock())
    announce(f"{options.file}: written; look through it before you send it: {', '.join(names)}")
    return 0


def _config_file(options: argparse.Namespace) -> Path | None:
    """Return the configuration file that counts; ``None`` where there is none."""
    from appliance.config import DEFAULT_FILE

    path: Path = options.config or DEFAULT_FILE
    return path if path.exists() else None


def _preview(options: argparse.Namespace) -> int:
    from appliance.replay import preview

    sys.stdout.buffer.write(preview.answer(sys.stdin.buffer.read(), options.data))
    return 0


def _password(options: argparse.Namespace) -> int:
    data = work_on(chosen_config(options))

    from appliance.accounts.reset import reset_password
    from appliance.runtime.clock import SystemClock

    count = reset_password(data, options.name, _read_password(), SystemClock())
    announce(f"{options.name}: has another password; {count} session{'' if count == 1 else 's'} ended")
    return 0


def _read_password() -> str:
    """Return a password that is typed twice unseen, or the first line of what is piped in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")

    import getpass

    password = getpass.getpass("new password: ")
    if getpass.getpass("the same again: ") != password:
        raise InvalidInput("expected the same password twice, got two different ones")
    return password


def _setup_token(options: argparse.Namespace) -> int:
    data = work_on(chosen_config(options))

    from appliance.accounts.setup_token import read
    from appliance.runtime.clock import SystemClock

    announce(read(data, SystemClock()))
    return 0


def _version(_options: argparse.Namespace) -> int:
    announce(f"nightjar {__version__}")
    return 0


def _say(message: str, status: int) -> int:
    print(f"nightjar: {message}", file=sys.stderr)
    return status
