"""How many examples a property is tried on: some at every check, all that it asks for with ``scripts/check --long``."""

from __future__ import annotations

import os
from typing import Any, Final

from hypothesis import settings

#: Share of the examples of a property that a check tries; all where DRAINAGE_TEST_EXAMPLES is ``all``.
SHARE: Final = 1.0 if os.environ.get("DRAINAGE_TEST_EXAMPLES") == "all" else 0.1
#: Of costly properties, too, so many at least.
LEAST: Final = 5


def examples(many: int, **how: Any) -> settings:  # noqa: ANN401 - as hypothesis takes them
    """Try a property on so many examples, or on the share of them that is for this run."""
    return settings(max_examples=max(round(SHARE * many), min(many, LEAST)), deadline=None, **how)
