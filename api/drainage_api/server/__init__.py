"""The running process: its socket, its connections, its workers, its end."""
