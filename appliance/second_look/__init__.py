"""Committed events → a model that the owner names → what it says of them, back to the decisions; optional."""
