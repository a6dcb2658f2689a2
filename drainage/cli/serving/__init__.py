"""The server: starting it, its keys, and the log of who read what."""
