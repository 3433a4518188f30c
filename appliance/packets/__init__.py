"""Cameras → packets: one reader thread for each camera reads coded pictures from RTSP, a file or the demo."""
