"""What the units and the programs of the deployment have to agree on."""

from tests.support.deploy import program
from tests.support.source import ROOT

BOX = program("box")
SERVICE = (ROOT / "systemd/nightjar.service").read_text()
BACKUP = (ROOT / "systemd/nightjar-backup.service").read_text()


def test_units_and_installer_name_the_same_places() -> None:
    """A release is found by the link that the installer sets."""
    assert f"ExecStart={BOX.CURRENT}/bin/nightjar run --data %S/{BOX.DATA.name}\n" in SERVICE
    assert f"ExecStart={BOX.CURRENT}/share/deploy/backup %S/{BOX.DATA.name} {BOX.BACKUPS}\n" in BACKUP
    assert f"ReadWritePaths={BOX.BACKUPS}\n" in BACKUP
    assert {path.name for path in (ROOT / "systemd").iterdir()} >= {BOX.SERVICE, BOX.TIMER}


def test_the_service_is_watched_and_the_worker_goes_first() -> None:
    """Ready by its own word, fed by its own loop; and a worker that the kernel has ended is ended alone."""
    lines = ("Type=notify", "WatchdogSec=30", "Restart=always", "OOMScoreAdjust=-500", "OOMPolicy=continue")
    assert [line for line in lines if f"{line}\n" not in SERVICE] == []


def test_a_machine_adds_its_groups_and_devices_in_a_file_of_its_own() -> None:
    """The unit itself is the same everywhere."""
    text = BOX.devices_conf({"groups": ["video", "render"], "devices": ["char-nvgpu", "/dev/nvmap"]})
    assert text.splitlines()[1:] == [
        "[Service]",
        "SupplementaryGroups=video render",
        "DeviceAllow=char-nvgpu rw",
        "DeviceAllow=/dev/nvmap rw",
    ]
