"""The tables of the national survey of drainage and flood facilities, from a network and back."""
