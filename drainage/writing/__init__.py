"""Frames to files, whole or not at all; nothing of anybody else's is ever overwritten."""

from drainage.writing.frames import to_geojson, with_names, write_layer
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
    "replacing_directory",
    "replacing_file",
    "replacing_files",
    "scratch",
    "settle",
    "spare",
    "to_geojson",
    "with_names",
    "write_layer",
]
