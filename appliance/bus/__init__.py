"""Messages → every subscriber's bounded queue, each message encoded once."""
