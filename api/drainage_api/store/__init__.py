"""What the server keeps: keys and the audit log."""
