"""Who drains which ground."""
