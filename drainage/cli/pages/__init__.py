"""Commands that write pages for people who have no drainage software."""
