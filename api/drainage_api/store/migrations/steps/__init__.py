"""One step for each layout of the tables."""
