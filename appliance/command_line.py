"""What every subcommand of ``nightjar`` is made with: its parser, its configuration, and whom it works as."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

if TYPE_CHECKING:
    from appliance.config import Config

EXIT_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130


def announce(line: str) -> None:
    """Print a line for the person who started the command.

    In one write: the log, whose lines other threads write, often goes to the same place.
    """
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """End with that line."""
        self.exit(EXIT_BAD_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def add_command(
    commands: Commands,
    name: str,
    function: Callable[[argparse.Namespace], int],
    text: str,
) -> Parser:
    """Add a subcommand and return its parser.

    Args:
        commands: to which it is added.
        name: as it is typed.
        function: does it, and returns the exit status.
        text: what it does, in a line.
    """
    parser = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + ".", allow_abbrev=False
    )
    parser.set_defaults(command=function)
    return parser


def add_config(parser: argparse.ArgumentParser) -> None:
    """Let it be told its configuration file."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="configuration file (default: /etc/nightjar/nightjar.toml if it is there)",
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """Let it be told the folder of the data."""
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="folder of the data (default: ~/.local/share/nightjar)"
    )


def chosen_config(options: argparse.Namespace) -> "Config":
    """Return the configuration that the options name, with what they set differently."""
    from appliance import config

    return config.with_overrides(config.load(options.config), options.data)


def work_on(chosen: "Config", reads: Sequence[Path | None] = (), writes: Sequence[Path] = ()) -> Path:
    """Return the folder of the data; whoever works on it from here on is its owner, and not root."""
    from appliance.runtime.drop_rights import drop_rights

    data = chosen.storage.data
    drop_rights(data, [path for path in reads if path is not None], writes)
    return data


def percent() -> Callable[[float], None]:
    """Return what shows on a terminal how much is done, each percent once."""
    shown = -1

    def tell(part: float) -> None:
        nonlocal shown
        if int(100 * part) > shown:
            shown = int(100 * part)
            show_progress(shown / 100)

    return tell


def show_progress(part: float) -> None:
    """Show on a terminal which part is done, 0 to 1; nothing where nobody looks."""
    if sys.stderr.isatty():
        print(f"\r{part:4.0%}", end="\n" if part >= 1 else "", file=sys.stderr, flush=True)
