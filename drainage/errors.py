"""What can go wrong, by name.

DrainageError
├── FormatError      a file that cannot be read as what it claims to be
│   └── EmptyLayerError   a file in order that holds no features
├── SchemaError      a table without the columns or values that a question needs
├── CrsError         coordinates whose reference system is missing or cannot be meant
├── TopologyError    a node or pipe that does not exist, a graph that cannot be walked
└── SimulationError  a computation that cannot be carried out

One bad feature is not an error but an issue (``DrainageNetwork.issues``); an error means that nothing sensible can be
done with the input as a whole. Every message names the place, what was found, what was expected and the remedy.
"""

from __future__ import annotations


class DrainageError(Exception):
    """Base of all errors that this package raises on purpose."""


class FormatError(DrainageError):
    """A file cannot be read or written as asked."""


class EmptyLayerError(FormatError):
    """A file is in order but holds no features."""


class SchemaError(DrainageError):
    """A table lacks columns or values that are needed."""


class CrsError(DrainageError):
    """The coordinate reference system is missing, unknown or contradicted by the numbers."""


class TopologyError(DrainageError):
    """A node or pipe that was named does not exist."""


class SimulationError(DrainageError):
    """A simulation cannot be carried out on this input."""
