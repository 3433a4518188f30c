"""A command that root starts works as the user to whom the data belong.

Whoever owns a folder may put links into it. Root would follow them to files that are no business of that
user; the user itself gets no further than anywhere else.
"""

import os
import pwd
from collections.abc import Sequence
from pathlib import Path

from appliance.errors import Refused


def drop_rights(data: Path, reads: Sequence[Path] = (), writes: Sequence[Path] = ()) -> None:
    """As root, become for good the owner of a folder that is another user's; anybody else stays who they are.

    What root alone may read has to be open before this is called.

    Args:
        data: the folder; where there is none, nobody else can have put anything into it.
        reads: files that are read afterwards, as far as they are there.
        writes: files that are made afterwards.

    Raises:
        Refused: this is not possible, or the owner may not read or write one of them.
    """
    if os.geteuid() != 0:
        return
    try:
        owner = data.stat()
    except OSError:
        return
    if owner.st_uid == 0:
        return
    name = _become(data, owner)
    who = f"{data} belongs to {name}, so root's command works as {name}, who"
    for path in reads:
        if _is_there(path) and not os.access(path, os.R_OK):
            raise Refused(f"{who} cannot read {path}: give {name} the right, or a copy")
    for path in writes:
        if not os.access(path.absolute().parent, os.W_OK | os.X_OK):
            raise Refused(f"{who} cannot write in {path.absolute().parent}: choose a folder of {name}'s")


def _become(data: Path, owner: os.stat_result) -> str:
    """Change groups, group and user, in this order: after the last one none can be changed."""
    try:
        entry = pwd.getpwuid(owner.st_uid)
    except KeyError:
        entry = None
    try:
        if entry is None:
            os.setgroups([])
        else:
            os.initgroups(entry.pw_name, entry.pw_gid)
        group = owner.st_gid if entry is None else entry.pw_gid
        os.setresgid(group, group, group)
        os.setresuid(owner.st_uid, owner.st_uid, owner.st_uid)
    except OSError as err:
        raise Refused(f"{data} is not root's: start this as its owner ({err.strerror})") from err
    return str(owner.st_uid) if entry is None else entry.pw_name


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True
