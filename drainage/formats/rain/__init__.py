"""Rain: gauges, the formulas of storms, and storms written for others."""
