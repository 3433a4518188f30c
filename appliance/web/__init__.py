"""Requests of browsers and programs → answers from the store, changes for the writer, the page."""
