"""The names in the data's folder that more than one module has to know."""

DATABASE = "nightjar.db"
LOCK = "nightjar.lock"
PICTURES = "pictures"
KEYS = "keys"
EXPORTS = "exports"
BACKUPS = "backup.json"
"""What became of the last backup and its rehearsal, for the service to tell."""
