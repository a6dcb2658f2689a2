"""A network that is asked piece by piece, in the words of a command."""
