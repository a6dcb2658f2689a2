"""Tests of the package, the API and the data; shared builders are the modules without ``test_``."""
