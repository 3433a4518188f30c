"""A watched place with visits of known time, drawn and encoded as an IP camera would: clips for recall.

``clip.py`` is the door: a ``ClipSpec`` in, an MP4 file and its truth out, from a cache if it was made before.
"""
