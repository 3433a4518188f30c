"""What of the bus somebody may hear: types by permission, and messages by the cameras that are seen."""

import dataclasses

from appliance.bus.filter import Filter, SeenFilter
from appliance.bus.message import TYPES
from appliance.web.access import Permission, Principal

NEEDED = {
    "event_created": Permission.EVENTS_VIEW,
    "event_updated": Permission.EVENTS_VIEW,
    "event_deleted": Permission.EVENTS_VIEW,
    "batch_created": Permission.EVENTS_VIEW,
    "batch_updated": Permission.EVENTS_VIEW,
    "batch_completed": Permission.EVENTS_VIEW,
    "detection_created": Permission.EVENTS_VIEW,
    "alert_created": Permission.ALERTS_VIEW,
    "alert_acknowledged": Permission.ALERTS_VIEW,
    "alert_dismissed": Permission.ALERTS_VIEW,
    "camera_status": Permission.CAMERAS_VIEW,
    "camera_created": Permission.CAMERAS_VIEW,
    "camera_updated": Permission.CAMERAS_VIEW,
    "camera_deleted": Permission.CAMERAS_VIEW,
    "camera_stats": Permission.CAMERAS_VIEW,
    "gpu_stats": Permission.SYSTEM_VIEW,
    "health": Permission.SYSTEM_VIEW,
}
"""What each type of message takes; one that is not named is heard by nobody."""


def limited(wanted: Filter, principal: Principal) -> Filter:
    """Return what is left of a wish for whoever has it; the same where nothing is forbidden.

    A filter that is left as it was costs nothing at each message; what may not be heard is not refused, it
    does not come.
    """
    may = frozenset(type_ for type_ in TYPES if type_ in NEEDED and principal.may(NEEDED[type_]))
    if may != frozenset(TYPES):
        wanted = dataclasses.replace(wanted, types=may if wanted.types is None else wanted.types & may)
    if principal.sight.cameras is None:
        return wanted
    return SeenFilter(
        wanted.channels, wanted.cameras, wanted.types, wanted.labels, wanted.min_severity, principal.sight
    )
