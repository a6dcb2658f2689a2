"""What somebody delivers of built works: its files opened, its tables in our columns."""
