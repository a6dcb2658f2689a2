"""Sheets of paper as lists of what is drawn on them, their files, and what stands around a drawing."""
