"""What to build so that points are within the standard."""
