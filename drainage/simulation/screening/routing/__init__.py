"""The compiled loops that carry a storm through the arrays of a screening."""
