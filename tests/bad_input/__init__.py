"""Files with one fault each, and what is said about it."""
