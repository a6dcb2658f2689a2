"""The quick engine: rational method, Manning, and the grade line from the outfall up."""
