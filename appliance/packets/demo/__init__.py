"""A clock → packets of a street that the program draws: the demo camera ``demo:``."""
