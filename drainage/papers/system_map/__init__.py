"""The system map of a network: pipes of all systems, waterways and roads on sheets of A0 to A4."""
