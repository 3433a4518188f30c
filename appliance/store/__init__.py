"""Rows and statements → a SQLite file with every change in its outbox."""
