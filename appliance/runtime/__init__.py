"""The ground every stage stands on: clock, bounded mailboxes, supervision, health, metrics, log."""
