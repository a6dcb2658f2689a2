"""What to do: works, closures, cleaning, inspection."""
