"""The desk for people: what waits for whom, what was handed in and what came of it."""
