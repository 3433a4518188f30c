"""Footage as it ages → what stays, what moves to a cold disk, and what is deleted."""
