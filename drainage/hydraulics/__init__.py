"""Formulas of pipe flow and of rain: arrays in, arrays out, no frames."""
