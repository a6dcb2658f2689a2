"""The door of the application: who keeps it, and what stands in it, from outside in."""

from __future__ import annotations

from fastapi import FastAPI

from drainage_api.access.gate import Gate, check_host
from drainage_api.access.keeper import Keeper
from drainage_api.access.recorded import Recorded
from drainage_api.access.storing import answer_damage
from drainage_api.settings import Settings
from drainage_api.store.objects import DamagedError


def check(settings: Settings) -> bool:
    """Refuse at the start what must not be served as the settings say; tell whether everybody here may read all.

    Raises
    ------
    FormatError
        As for `install`; or other machines would be let in without a key.
    """
    keeper = Keeper(settings)
    try:
        check_host(settings, keeper)
        return keeper.open
    finally:
        keeper.close()


def install(app: FastAPI, settings: Settings) -> Keeper:
    """Put the door before an application and return who keeps it; what is added after it stands outside.

    Raises
    ------
    FormatError
        The store cannot be read, or the file of roles is none.
    """
    app.state.keeper = keeper = Keeper(settings)
    app.add_exception_handler(DamagedError, answer_damage)
    app.add_middleware(Gate, keeper=keeper)
    app.add_middleware(Recorded, keeper=keeper)
    return keeper
