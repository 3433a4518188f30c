"""Frames + motion → detections: gates, batches over cameras, and asks the worker process."""
