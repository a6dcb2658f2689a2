"""A network as the project of a program that draws it, beside the file of its layers."""
