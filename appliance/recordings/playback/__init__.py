"""Footage → timelines, playlists, bytes, previews and exports."""
