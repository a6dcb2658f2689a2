"""Names that the server gives: a letter, the day, and five signs at random that no two readers take for others."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from typing import Final, Literal

#: Crockford's base 32: without I, L, O and U.
_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MANY: Final = 5
#: What an id looks like: a submission, evidence, a sighting (R: reported) or a job.
FORM: Final = re.compile(rf"[SERJ]-[0-9]{{8}}-[{_SIGNS}]{{{_MANY}}}", re.ASCII)

Letter = Literal["S", "E", "R", "J"]


def new_id(letter: Letter) -> str:
    """Return an id of today (UTC), as ``S-20261129-K7QM2``; two of a day are alike once in 33 million."""
    day = dt.datetime.now(dt.UTC).strftime("%Y%m%d")
    return f"{letter}-{day}-{''.join(secrets.choice(_SIGNS) for _ in range(_MANY))}"
