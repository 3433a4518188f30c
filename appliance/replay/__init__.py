"""Snapshots, stored frames and journal → what was decided, decided again; or with another configuration."""
