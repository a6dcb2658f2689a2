"""All that the page of a submission tells, read from the store: the document, what was computed, and its drawing."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
from fastapi import Request, Response

from drainage_api.access.check import desk_of
from drainage_api.access.keeper import Vault
from drainage_api.access.who import Who
from drainage_api.faces.desk.change_drawing import ChangeDrawing, draw_change
from drainage_api.faces.desk.submission_page import submission_page
from drainage_api.faces.submissions_json import comparison_of, document_of, submission_for
from drainage_api.served.answers import language_of
from drainage_api.served.served import served_or_none

_CHANGES: Final = "changes.geojson"


def whole_submission(request: Request, who: Who, identity: str, **form: Any) -> Response:  # noqa: ANN401 - as its page
    """Return the page of a submission that is for somebody.

    Parameters
    ----------
    form
        What was refused, as `submission_page` takes it.

    Raises
    ------
    Refused
        404: there is none of this id for them.
    StoreError
        The store cannot be read.
    """
    one = submission_for(request, who, identity)
    document = document_of(request, who, one)
    if one.comparison is None:
        return submission_page(request, who, document, **form)
    comparison = comparison_of(request, who, one)
    drawn = _drawn(request, who, desk_of(request), one.comparison)
    return submission_page(request, who, document, comparison, drawn=drawn, **form)


def _drawn(request: Request, who: Who, desk: Vault, held: Mapping[str, Any]) -> ChangeDrawing | None:
    """Return the drawing of the changes over those pipes that somebody may see; None where none was kept."""
    parts = json.loads(desk.objects.read(held["page"])) if held.get("page") else {}
    if _CHANGES not in parts:
        return None
    changes = gpd.read_file(io.BytesIO(desk.objects.read(parts[_CHANGES])))
    if changes.empty:
        return None
    here = served_or_none(request)
    frame = None if here is None else here.features("pipes", who).frame
    if frame is not None and frame.crs is not None and changes.crs is not None:
        changes = changes.to_crs(frame.crs)
    elif frame is not None and frame.crs != changes.crs:
        frame = None
    return draw_change(changes, None if frame is None else frame.geometry, language_of(request))
