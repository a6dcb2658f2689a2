"""Days of delivered works that have not come yet: what is built has its day behind it."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from drainage.change_sets import ChangeSet
from drainage.days import today
from drainage.said import Said
from drainage.words import in_both

#: Where the sender is it may be tomorrow already.
_ZONES: Final = dt.timedelta(days=1)


def days_ahead(changes: ChangeSet) -> list[Said]:
    """Return, in a sentence, how many features tell a day that has not come, with the last of them; nothing if none."""
    last = pd.Timestamp(today() + _ZONES)
    told = [
        (pd.Timestamp(str(day)), one.id)
        for one in changes.changes
        for name in ("commissioned", "abandoned")
        if (day := one.columns.get(name)) is not None
    ]
    ahead = [(day, name) for day, name in told if day > last]
    if not ahead:
        return []
    day, name = max(ahead, key=lambda one: one[0])
    return [in_both("delivery_days_ahead", count=len({name for _, name in ahead}), id=name, day=str(day.date()))]
