"""The page itself: a stub until the citizen's page is there."""

from __future__ import annotations

import json
from collections.abc import Mapping


def public_page_html(contents: Mapping[str, object]) -> str:
    """Return the data in a bare page."""
    data = json.dumps(contents, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    mark = '<meta name="generator" content="drainage public page">'
    return f'<!doctype html><meta charset="utf-8">{mark}<script type="application/json" id="d">{data}</script>'
