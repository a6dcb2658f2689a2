"""The text of an .inp: sections, lines, names, files and series; nothing of what they mean for a network."""
