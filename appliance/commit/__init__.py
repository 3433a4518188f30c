"""Units of change → durable commits in order, and each one said on the bus: the only writer there is."""
