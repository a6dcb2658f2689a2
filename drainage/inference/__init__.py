"""Where an undrawn sewage source can be, given all readings: exact on the storm forest, and what to open next."""
