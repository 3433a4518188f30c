"""The types of the API as TypeScript, made of the same declarations as the OpenAPI document.

``python -m appliance.web.typescript > appliance/web/ui/src/wire.ts``; a test holds the file to it.
"""

import re
import sys
import textwrap
from typing import Any

import msgspec

from appliance.bus.message import TYPES
from appliance.monitor.host_stats import HostStats
from appliance.monitor.stats import CameraStatsReport, GpuReport, HealthReport
from appliance.store.boxes import WireDetection
from appliance.web import wire
from appliance.web.problems import Problem

HEAD = """\
// The types of the API. Made of the Python ones by `make wire`; not to be changed here.

/** A moment, in ISO 8601 with a zone. */
export type Time = string;

/** One page of a list; `next` is the token of the next one. */
export interface Items<T> {
  items: T[];
  next: string | null;
}
"""

SAID = {
    "event": "Event",
    "event_deleted": "DeletedEvent",
    "batch": "Batch",
    "detection": "WireDetection",
    "alert": "Alert",
    "camera": "Camera",
    "camera_stats": "CameraStatsReport",
    "gpu": "GpuReport",
    "health": "HealthReport",
}
"""The data of a message, by its type or by the first word of it."""

SPARSE = {"CameraFigures", "GpuProcess", "GpuStats", "Problem"}
"""Answers that leave out what is not known."""

WIDTH = 110

Schema = dict[str, Any]


def document() -> str:
    """Return the TypeScript module: an interface for each type of the wire, and the messages."""
    named = [
        *(one for one in vars(wire).values() if _is_wire_type(one)),
        *(Problem, WireDetection, CameraStatsReport, GpuReport, HealthReport, HostStats),
    ]
    _, components = msgspec.json.schema_components(named, ref_template="{name}")
    interfaces = [_interface(name, schema) for name, schema in sorted(components.items())]
    return "\n".join([HEAD, *interfaces, _messages()])


def _is_wire_type(one: object) -> bool:
    return (
        isinstance(one, type)
        and issubclass(one, msgspec.Struct)
        and one not in {msgspec.Struct, wire.Items}
        and not one.__name__.endswith("Query")
    )


def _interface(name: str, schema: Schema) -> str:
    text = " ".join(schema.get("description", "").replace("``", "`").split())
    says = ["/**", *(f" * {line}" for line in textwrap.wrap(text, WIDTH)), " */"]
    if "properties" not in schema:
        return "\n".join([*says, f"export type {name} = {_type(schema)};", ""])
    # What is answered is always there, default or not; what is asked may be left out.
    may_lack = name in SPARSE or name.startswith("New") or name.endswith(("Change", "Trial", "Protection"))
    required = set(schema.get("required", ())) if may_lack else set(schema["properties"])
    members = [
        f"  {member}{'' if member in required else '?'}: {_type(inner)};"
        for member, inner in schema["properties"].items()
    ]
    return "\n".join([*says, f"export interface {name} {{", *members, "}", ""])


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(msgspec.json.encode(value).decode() for value in schema["enum"])
    if "prefixItems" in schema:
        return f"[{', '.join(_type(one) for one in schema['prefixItems'])}]"
    match schema.get("type"):
        case "array":
            inner = _type(schema["items"]) if "items" in schema else "unknown"
            return f"({inner})[]" if "|" in inner else f"{inner}[]"
        case "object":
            return f"Record<string, {_type(schema.get('additionalProperties', {}))}>"
        case "integer" | "number":
            return "number"
        case "string":
            return "Time" if schema.get("format") == "date-time" else "string"
        case "boolean" | "null":
            return str(schema["type"])
        case _:
            return "unknown"


def _messages() -> str:
    lines = [
        "/** What is told of an event that is gone. */",
        'export type DeletedEvent = Pick<Event, "id" | "camera_id" | "label" | "severity">;',
        "",
        "/** What is told of a camera that is gone. */",
        'export type DeletedCamera = Pick<Camera, "id">;',
        "",
        "/** What each type of message carries. */",
        "export interface MessageData {",
    ]
    for type_ in TYPES:
        data = "DeletedCamera" if type_ == "camera_deleted" else SAID.get(type_) or SAID[_noun(type_)]
        lines.append(f"  {type_}: {data};")
    return "\n".join([*lines, "}", ""])


def _noun(type_: str) -> str:
    return re.split("_", type_, maxsplit=1)[0]


if __name__ == "__main__":
    sys.stdout.write(document())
