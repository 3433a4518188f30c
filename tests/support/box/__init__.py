"""A box to install on: a fresh Debian in a folder, shut in namespaces of its own, with a fake of systemd."""
