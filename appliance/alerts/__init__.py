"""Event changes → alerts: which of the owner's rules an event satisfies now."""
