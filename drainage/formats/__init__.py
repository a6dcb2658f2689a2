"""Files to networks and back, one module per family of formats."""
