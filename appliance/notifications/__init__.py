"""Committed alerts → people and other systems: webhooks and ntfy, tried until delivered or expired."""
