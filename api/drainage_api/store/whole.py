"""Whether everything that was kept is there, and is what its digest says."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from drainage.said import Said
from drainage.words import in_both
from drainage_api.store.objects import DamagedError, is_digest
from drainage_api.store.opened import Store
from drainage_api.store.tables import evidence, sightings, submissions, versions

#: What of a comparison are directories.
_TREES: Final = ("tree", "page")


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of the objects of a store.

    Parameters
    ----------
    objects
        How many are there.
    missing, damaged
        Digests of those that rows or directories name and that are not there, and of those that are not what they were.
    """

    objects: int
    missing: tuple[str, ...]
    damaged: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is missing or damaged."""
        return not self.missing and not self.damaged

    def told(self) -> Iterator[Said]:
        """Tell it, a line for each object that is not what it should be."""
        yield from (in_both("object_is_missing", digest=digest) for digest in self.missing)
        yield from (in_both("object_is_damaged", digest=digest) for digest in self.damaged)
        yield in_both("objects_whole", count=self.objects) if self.whole else in_both("objects_how_mended")


def check_objects(store: Store) -> Checked:
    """Read every object of a store.

    Raises
    ------
    StoreError
        The store cannot be read.
    """
    with store.database.reading() as connection:
        there = store.objects.digests(connection)
        trees, single = named(connection)
    damaged = {digest for digest in there if not _is_whole(store, digest)}
    wanted = trees | single
    for tree in trees.intersection(there) - damaged:
        try:
            wanted |= {*store.objects.listed(tree).values()}
        except DamagedError:
            damaged.add(tree)
    return Checked(len(there), tuple(sorted(wanted.difference(there))), tuple(sorted(damaged)))


def named(connection: Connection) -> tuple[set[str], set[str]]:
    """Return the digests of the trees and of the other objects that rows name."""
    columns = (submissions.c.digest, evidence.c.digest, sightings.c.photo)
    single = {digest for column in columns for digest in connection.scalars(select(column)) if digest}
    trees = {*connection.scalars(select(versions.c.tree))}
    for said in (submissions.c.comparison, evidence.c.answers):
        for text in connection.scalars(select(said).where(said.is_not(None))):
            found = {name: one for name, one in json.loads(text).items() if isinstance(one, str) and is_digest(one)}
            trees |= {one for name, one in found.items() if name in _TREES}
            single |= {one for name, one in found.items() if name not in _TREES}
    return trees, single


def _is_whole(store: Store, digest: str) -> bool:
    with Path(os.devnull).open("wb") as nowhere:
        try:
            store.objects.copy(digest, nowhere)
        except DamagedError:
            return False
    return True
