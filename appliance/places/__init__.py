"""Tracks + what the owner drew → their stays in zones and the lines they crossed."""
