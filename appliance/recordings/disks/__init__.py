"""Fragments → files on disks: a thread for each storage path, and what the last run left there."""
