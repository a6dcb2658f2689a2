"""Frames to files, completely or not at all; nothing of anybody else is ever overwritten."""

from drainage.writing.frames import geojson_document, to_geojson, with_names, with_places, write_layer, write_provenance
from drainage.writing.replacing import (
    changed_files,
    check_free,
    check_free_answer,
    check_free_directory,
    is_unchanged,
    replacing_both,
    replacing_directory,
    replacing_file,
    replacing_files,
    spare,
    write_sidecars,
)
from drainage.writing.vector import VECTOR_ENDINGS, shapefile_losses, write_vector
from drainage.writing.workshop import alone, scratch, settle

__all__ = [
    "VECTOR_ENDINGS",
    "alone",
    "changed_files",
    "check_free",
    "check_free_answer",
    "check_free_directory",
    "geojson_document",
    "is_unchanged",
    "replacing_both",
    "replacing_directory",
    "replacing_file",
    "replacing_files",
    "scratch",
    "settle",
    "shapefile_losses",
    "spare",
    "to_geojson",
    "with_names",
    "with_places",
    "write_layer",
    "write_provenance",
    "write_sidecars",
    "write_vector",
]
