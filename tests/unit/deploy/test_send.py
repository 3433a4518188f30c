"""What a desk sends to a box, and to whom."""

import subprocess
from pathlib import Path

import pytest

from tests.support.source import ROOT


@pytest.mark.parametrize(("host", "is_asked"), [("root@box", True), ("-oProxyCommand=id", False)])
def test_an_option_of_ssh_is_no_host(host: str, is_asked: bool, tmp_path: Path) -> None:
    """It could have ssh run a program at the desk."""
    ssh = tmp_path / "ssh"
    ssh.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path / "asked"}\n')
    ssh.chmod(0o755)
    done = subprocess.run(
        [str(ROOT / "deploy/send"), host, "rollback"],
        env={"PATH": "/usr/bin:/bin", "SSH": str(ssh)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ((tmp_path / "asked").exists(), done.returncode) == (is_asked, 0 if is_asked else 2)
