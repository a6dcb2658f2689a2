"""What may be sent, as the description of the addresses tells it: forms and JSON that are read as they come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drainage_api.models import JSON, MULTIPART, URLENCODED

_FILE: Final = {"type": "string", "format": "binary"}


def text(most: int) -> dict[str, Any]:
    """Describe a text."""
    return {"type": "string", "maxLength": most}


FLAG: Final = {"type": "boolean"}


def form_body(fields: Mapping[str, Mapping[str, Any]], *, files: Mapping[str, bool]) -> dict[str, Any]:
    """Describe a form with files, by their names and whether they must be there."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {**dict.fromkeys(files, _FILE), **fields},
        "additionalProperties": False,
    }
    if required := [name for name, must in files.items() if must]:
        schema["required"] = required
    return {"requestBody": {"required": True, "content": {MULTIPART: {"schema": schema}}}}


def fields_body(fields: Mapping[str, Mapping[str, Any]], *, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """Describe a few fields, as JSON or as a form."""
    schema = {
        "type": "object", "properties": dict(fields), "additionalProperties": False,
        **({"required": list(required)} if required else {}),
    }  # fmt: skip
    content = {kind: {"schema": schema} for kind in (JSON, URLENCODED)}
    return {"requestBody": {"required": bool(required), "content": content}}


def then(identity: str) -> dict[str, Any]:
    """Return where the answer to a submission leads: what can be asked and done next."""
    given = {"submission_id": identity}
    return {name: {"operationId": name, "parameters": given} for name in _NEXT}


_NEXT: Final = (
    "getSubmission", "getComparison", "getReceipt", "getSubmittedFile", "getSubmissionMap", "decide", "appeal",
    "withdraw",
)  # fmt: skip
