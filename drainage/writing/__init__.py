"""Frames to files, whole or not at all; nothing of anybody else's is ever overwritten."""

from drainage.writing.frames import plain_columns, plain_value, short_numbers, to_geojson, write_layer
from drainage.writing.replacing import (
    check_free,
    check_free_directory,
    replacing_directory,
    replacing_file,
    replacing_files,
    spare,
)
from drainage.writing.workshop import scratch, settle

__all__ = [
    "check_free",
    "check_free_directory",
    "plain_columns",
    "plain_value",
    "replacing_directory",
    "replacing_file",
    "replacing_files",
    "scratch",
    "settle",
    "short_numbers",
    "spare",
    "to_geojson",
    "write_layer",
]
