"""What contractors sent in: its states, its history, the receipts for it, and what its sender is told."""
