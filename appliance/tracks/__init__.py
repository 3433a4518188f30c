"""Detections → tracks: boxes found frame by frame become objects that are followed."""
