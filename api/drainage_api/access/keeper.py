"""What the checks of one process share: the store and its keys, the rules, the limits, the journal of the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, cast

from fastapi import Request

from drainage_api.access.address import client_of, group_of
from drainage_api.access.limits import Buckets, Refusals
from drainage_api.access.who import Who, read_rules
from drainage_api.settings import Settings
from drainage_api.store.journal import Journal
from drainage_api.store.keys import Key
from drainage_api.store.opened import Store, parts_of, readable, whole_database
from drainage_api.store.visits import Failures

#: What one address may send without a key in a minute, taken or not, in each process; own choice.
TRIES_PER_MINUTE: Final = 10


@dataclass(frozen=True, eq=False)
class Vault(Store):
    """An open store of a server, with who tried wrong keys and the journal of its audit log."""

    failures: Failures
    journal: Journal

    @classmethod
    def with_limits(cls, place: Path | None, url: str | None = None, *, failures_per_minute: int) -> Self:
        """Open a store, and make it where it is not there.

        Raises
        ------
        FormatError
            It cannot be a store, or be read.
        """
        with readable(place, url):
            parts = parts_of(whole_database(place, url))
        failures = Failures(parts["database"], most=failures_per_minute)
        return cls(**parts, failures=failures, journal=Journal(parts["audit"]))

    def close(self) -> None:
        """Write what waits to be written, and let the files go."""
        self.journal.close()
        super().close()


class Keeper:
    """Who keeps the door in this process.

    Parameters
    ----------
    settings
        Which name the store, the rules and the limits.

    Raises
    ------
    FormatError
        The store cannot be read, or the file of roles is none.
    """

    def __init__(self, settings: Settings) -> None:
        """Open the store, if one is named."""
        self.settings = settings
        self.rules = read_rules(settings.roles)
        self.vault = None if not settings.has_store else Vault.with_limits(
            settings.store, settings.database, failures_per_minute=settings.failures_per_minute
        )  # fmt: skip
        self.reads, self.refusals = Buckets(settings.reads_per_minute), Refusals()
        self.tries = Buckets(TRIES_PER_MINUTE)
        self.public, self.local = Who("public", rules=self.rules), Who("local", rules=self.rules)

    @property
    def open(self) -> bool:
        """Whether everybody on this machine may do everything, because there was never a key.

        Raises
        ------
        StoreError
            Nobody can tell.
        """
        return not self.settings.public_only and (self.vault is None or not self.vault.keys.exist())

    def who(self, key: Key) -> Who:
        """Return whose key it is."""
        return Who(key.role, key.name, key.prefix, key.roads, self.rules)

    def close(self) -> None:
        """Write what waits to be written, and let the files go."""
        if self.vault is not None:
            self.vault.close()


def keeper(request: Request) -> Keeper:
    """Return who keeps the door of this application."""
    return cast("Keeper", request.app.state.keeper)


def asker_of(request: Request) -> str:
    """Return from where somebody asks, as it is counted."""
    return group_of(client_of(request.scope, keeper(request).settings.trusted_proxies))
