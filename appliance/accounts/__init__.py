"""What a caller shows → who it is: passwords, sessions, tokens, the throttle of logins, and the audit log."""
