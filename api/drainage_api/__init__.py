"""The answers of the library over HTTP: OGC API – Features, read only."""
