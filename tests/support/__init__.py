"""Fakes and helpers that tests share; each fake is contract-tested against the real thing."""
