"""Nightjar: an edge NVR appliance. Cameras → detections → events → SQLite → bus → WebSocket."""

__version__ = "0.1.0"
