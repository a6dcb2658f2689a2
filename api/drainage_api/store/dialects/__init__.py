"""The two engines of a store's database: a file of one machine, and a server for many."""
