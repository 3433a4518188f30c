"""Nightjar: an edge NVR appliance. Cameras → detections → events → SQLite → bus → WebSocket."""
