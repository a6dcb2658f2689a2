"""Many storms on many networks, side by side."""
