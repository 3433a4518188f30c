"""What an alert is told as: its title, its sentence, its link."""

import msgspec

from appliance.domain.ids import AlertId, TargetId
from appliance.domain.severity import Severity
from appliance.notifications.notification import Notification, SeverityWord
from appliance.notifications.settings import Settings
from appliance.store.deliveries import Contents
from appliance.store.times import iso_of_us

WORDS: tuple[SeverityWord, ...] = ("low", "medium", "high", "critical")
LARGEST_PICTURE_BYTES = 5_000_000
"""A larger one is left out: servers refuse them, and a message that comes counts more."""


class _Alert(msgspec.Struct):
    id: str
    rule_name: str
    event_id: str
    camera_id: str
    label: str
    created_at: str
    summary: str


def notification_of(
    alert_id: AlertId, target_id: TargetId, found: Contents, jpeg: bytes | None, settings: Settings
) -> Notification:
    """Return what is told of an alert to one target."""
    alert = msgspec.json.decode(found.alert, type=_Alert)
    what = alert.label[:1].upper() + alert.label[1:]
    return Notification(
        id=f"{alert_id}-{target_id}",
        at=alert.created_at,
        alert=msgspec.Raw(found.alert.encode()),
        event=msgspec.Raw(found.event.encode()),
        camera_id=alert.camera_id,
        camera_name=found.camera_name,
        title=f"{what} at {found.camera_name}",
        text=f"{alert.summary or what} ({alert.rule_name})",
        severity=WORDS[Severity(found.severity)],
        label=alert.label,
        link=settings.link(f"/events/{alert.event_id}"),
        picture=None if jpeg is None or len(jpeg) > LARGEST_PICTURE_BYTES else jpeg,
    )


def trial_of(message_id: str, at_us: int, settings: Settings) -> Notification:
    """Return what is sent when somebody wants to see whether it arrives: it tells of no alert."""
    return Notification(
        id=message_id,
        at=iso_of_us(at_us),
        alert=msgspec.Raw(b"null"),
        event=msgspec.Raw(b"null"),
        camera_id="",
        camera_name="",
        title="Nightjar: a test",
        text="This is how alerts will reach you. Nothing has happened.",
        severity="low",
        label="",
        link=settings.link("/alerts"),
        is_test=True,
    )
