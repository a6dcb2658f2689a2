"""Network and storm to flows and levels: a quick screening now, one answer type for every engine."""
