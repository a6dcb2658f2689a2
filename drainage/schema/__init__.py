"""The data model: layers, columns, units, code lists. Column names are spelled here and used as they are elsewhere."""

from drainage.schema.codes import KINDS, SHAPES, SYSTEMS
from drainage.schema.columns import Understood, understand_columns
from drainage.schema.issues import ISSUE_COLUMNS, Issues
from drainage.schema.tables import NODE_COLUMNS, PIPE_COLUMNS, conform_layer, plain_table

__all__ = [
    "ISSUE_COLUMNS",
    "KINDS",
    "NODE_COLUMNS",
    "PIPE_COLUMNS",
    "SHAPES",
    "SYSTEMS",
    "Issues",
    "Understood",
    "conform_layer",
    "plain_table",
    "understand_columns",
]
