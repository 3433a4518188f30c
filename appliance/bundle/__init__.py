"""What a box knows of itself → one file for those who help, without a secret in it."""
