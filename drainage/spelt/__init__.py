"""What somebody spells in words, on a command line or in a setting: files of a network, field data, numbers."""
