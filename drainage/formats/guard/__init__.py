"""The door to files from outside: what is looked at before GDAL opens one, and the process in which it does."""
