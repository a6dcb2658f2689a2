"""What can go wrong, by name.

DrainageError
├── FormatError      a file that cannot be read as what it claims to be
│   └── EmptyLayerError   a file in order that holds no features
├── SchemaError      a table without the columns or values that a question needs
├── CrsError         coordinates whose reference system is missing or impossible
├── TopologyError    a node or pipe that does not exist, a graph that cannot be walked
└── SimulationError  a computation that cannot be carried out
    └── NotKnownError     a question of which the input records nothing (a SchemaError too)

One bad feature is not an error but an issue (``DrainageNetwork.issues``); an error means that nothing sensible can be
done with the input as a whole. Every message names the place, what was found, what was expected and the remedy.
"""

from __future__ import annotations

import re

from drainage.said import Said

__all__ = [
    "CrsError",
    "DrainageError",
    "EmptyLayerError",
    "FormatError",
    "NotKnownError",
    "SchemaError",
    "SimulationError",
    "TopologyError",
    "masked",
]

_ADDRESS = re.compile(r"(postgres\w*(?:\+\w+)?:[/\\]+)(.*)", re.IGNORECASE)
_OTHER_ADDRESS = re.compile(r"(?<![\w+.-])([a-z][\w+.-]{0,30}:[/\\]{1,2}[^\s/@:]{0,100}):\S{0,500}@", re.IGNORECASE)
_SECRET = re.compile(r"\b(password|passfile|sslpassword|sslkey)=[^&\s]*", re.IGNORECASE)
_NO_PORT = re.compile(r"[^/?\s:]*:(?=[^\s/?])(?!\d+(?:[/?:\s]|$))")


def masked(text: str) -> str:
    """Return a text without the passwords of addresses of databases.

    Examples
    --------
    >>> masked("postgresql://me:s3cret@host/city?schema=a&password=x: no such table")
    'postgresql://me:***@host/city?schema=a&password=*** no such table'
    """
    plain = _ADDRESS.sub(lambda found: found[1] + _without_password(found[2]), text)
    return _SECRET.sub(r"\1=***", _OTHER_ADDRESS.sub(r"\1:***@", plain))


def _without_password(rest: str) -> str:
    """Hide everything up to the last @ of the line except the user; without an @, whatever cannot be a port."""
    login, at, place = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    if at:
        return f"{user}:***@{place}" if colon else rest
    return "***" if _NO_PORT.match(rest) else rest


def _masked(arg: object) -> object:
    if isinstance(arg, Said):
        return Said(masked(arg), masked(arg.chinese))
    return masked(arg) if isinstance(arg, str) else arg


class DrainageError(Exception):
    """Base of all errors that this package raises on purpose; no message holds the password of a database.

    Examples
    --------
    >>> import drainage as dr
    >>> try:
    ...     dr.load_demo("7 May")
    ... except dr.DrainageError as error:
    ...     print(error)
    as_of = '7 May' is not a day; write YYYY-MM-DD, such as 2012-03-05
    """

    def __init__(self, *args: object) -> None:
        """Take the message, in both languages where it is `drainage.said.Said`."""
        super().__init__(*map(_masked, args))

    @property
    def said(self) -> str:
        """The message as it was given: as a text the English one, with the Chinese beside it where there is one."""
        return self.args[0] if self.args and isinstance(self.args[0], str) else str(self)


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


class NotKnownError(SchemaError, SimulationError):
    """The input records nothing that could answer the question; the command line ends with 2, as for faulty data."""
