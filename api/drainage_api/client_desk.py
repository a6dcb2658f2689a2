"""What a contractor and an engineer do at a server: submit, wait, read, decide, appeal; receipts are verified."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, TypedDict, cast

import drainage as dr
from drainage_api.client_http import Line

State = Literal["received", "checked", "computed", "accepted", "returned", "withdrawn", "failed"]
#: In these a submission is still being worked on.
_UNDER_WAY: Final = ("received", "checked")
_AGAIN_S: Final = 1.0
_PAGE: Final = 500


class Submission(TypedDict):
    """A submission as the server tells it; docs/server/desk-api.md has every member."""

    id: str
    state: State
    received: str
    filename: str
    kind: str
    digest: str
    size: int
    base: int
    by: str
    roads: list[str]
    words: str
    previous: str | None
    version: int | None
    progress: dict[str, Any] | None
    problem: dict[str, str] | None
    history: list[dict[str, Any]]
    links: list[dict[str, str]]


class ReceiptError(dr.errors.FormatError):
    """A receipt is not what the key of the server has signed, or is of another file."""


class Desk:
    """The part of a client that sends; see `Client`."""

    _line: Line

    def submit(
        self, file: str | Path, *, words: str = "", previous: str | None = None, key: str | None = None
    ) -> Submission:
        """Submit a file of built works; it is taken in once, however often the line breaks off.

        Parameters
        ----------
        file
            GeoJSON, GeoPackage, Excel, DXF, a zipped Shapefile, or a change set.
        words
            What is to be said of it.
        previous
            Id of an own submission that was returned, failed or was withdrawn, which this one replaces.
        key
            The ``Idempotency-Key``; default: a new one. The same key and file again are the same submission.

        Raises
        ------
        ServerError
            413 too large, 415 of an unknown kind, 422 empty or not to be taken, 429 too many wait.
        FormatError
            There is no such file.
        """
        path = Path(file)
        fields = {"words": words, **({"previous": previous} if previous else {})}
        named = {"Idempotency-Key": key or secrets.token_urlsafe(24)}
        return self._submission(self._post(("submissions",), fields, {"file": path}, headers=named))

    def submission(self, submission_id: str) -> Submission:
        """Return a submission as it stands."""
        return self._submission(self._line.ask("submissions", submission_id).json())

    def submissions(self, *states: State) -> list[Submission]:
        """Return the submissions that this key sees, the newest first; of some states, or all."""
        asked = {"state": ",".join(states)} if states else {}
        return [self._submission(one) for one in self._paged("submissions", asked)]

    def wait(self, submission_id: str, *, timeout_s: float = 1800.0) -> Submission:
        """Return a submission as soon as it is computed, or failed.

        Raises
        ------
        TimeoutError
            It takes longer.
        """
        ends = time.monotonic() + timeout_s
        while (found := self.submission(submission_id))["state"] in _UNDER_WAY:
            if time.monotonic() + _AGAIN_S > ends:
                raise TimeoutError(f"{submission_id} is {found['state']} after {timeout_s:g} s")
            time.sleep(_AGAIN_S)
        return found

    def comparison(self, submission_id: str) -> dict[str, Any]:
        """Return what the works change against the version on which they were computed; ServerError 409 before that."""
        return self._line.ask("submissions", submission_id, "comparison").json()

    def decide(self, submission_id: str, *, accept: bool, comment: str = "") -> Submission:
        """Accept a submission, which makes the next version, or return it with a comment; for engineers."""
        return self._change(submission_id, "decision", {"accept": accept, "comment": comment})

    def appeal(self, submission_id: str, words: str) -> Submission:
        """Ask for another decision after a return, with the reasons."""
        return self._change(submission_id, "appeal", {"words": words})

    def withdraw(self, submission_id: str) -> Submission:
        """Take an own submission back before it is decided."""
        return self._submission(self._line.send("DELETE", "submissions", submission_id).json())

    def receipt(
        self, submission_id: str, *, file: str | Path | None = None, public_key: str | None = None
    ) -> dict[str, Any]:
        """Return what the server signed of a submission, verified: ``receipt``, ``signature``, and ``decisions``.

        Parameters
        ----------
        file
            What was submitted: its digest is compared.
        public_key
            The key of the server, as it was learnt before; default: the one that the server tells now.

        Raises
        ------
        ReceiptError
            It is not what that key signed, or is of another file or submission.
        FormatError
            The package cryptography is not installed.
        """
        key = public_key or str(self._line.ask("receipts", "key").json()["public_key"])
        told = self._line.ask("submissions", submission_id, "receipt").json()
        facts = told["receipt"]
        for one in (told, *told["decisions"]):
            _verify(one, key)
        named = {facts["id"], *(one["receipt"].get("submission") for one in told["decisions"])}
        if named != {submission_id}:
            raise ReceiptError(f"{submission_id}: the receipt is of {named}")
        if file is not None and hashlib.sha256(Path(file).read_bytes()).hexdigest() != facts["digest"]:
            raise ReceiptError(f"{submission_id}: the receipt is of another file than {Path(file).name}")
        return told

    def notices(self, *, seen: bool = False) -> list[dict[str, Any]]:
        """Return what the server has to tell this key, the newest first; with ``seen`` it is noted that it was read."""
        found = list(self._paged("notices", {}))
        if seen and found:
            until = {"until": str(found[0]["number"])}
            self._line.send("POST", "notices", "seen", body=json.dumps(until).encode())
        return found

    def template(self, path: str | Path) -> Path:
        """Write the workbook to fill, with the present pipes of the roads of the key; FormatError where a file is."""
        return self._save(path, "submissions", "template")

    def pay_sheet(self, path: str | Path, *, since: int = 1, lang: Literal["zh", "en"] = "zh") -> Path:
        """Write the pay sheet of what was accepted since a version: ``.pdf``, or ``.xlsx`` for the whole city."""
        form = "xlsx" if Path(path).suffix.lower() == ".xlsx" else "pdf"
        return self._save(path, "pay-sheet", query={"since": since, "lang": lang, "f": form})

    def sighting(
        self, lon: float, lat: float, depth_m: float, *, at: dt.datetime | None = None, words: str = "",
        photo: str | Path | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Tell of water in a street: where in degrees, how deep in m, when (default: now), with a photograph."""
        when = (at or dt.datetime.now(dt.UTC)).astimezone(dt.UTC)
        fields = {"lon": repr(float(lon)), "lat": repr(float(lat)), "depth_m": repr(float(depth_m))}
        fields |= {"time": when.isoformat(timespec="seconds"), "words": words}
        return self._post(("sightings",), fields, {} if photo is None else {"photo": Path(photo)})

    def evidence(self, kind: str, file: str | Path) -> dict[str, Any]:
        """Post what was measured or inspected, which answers the questions that it is about anew."""
        return self._post(("evidence",), {"kind": kind}, {"file": Path(file)})

    def _change(self, submission_id: str, what: str, said: Mapping[str, object]) -> Submission:
        body = json.dumps(said, ensure_ascii=False).encode()
        return self._submission(self._line.send("POST", "submissions", submission_id, what, body=body).json())

    def _post(
        self, path: Sequence[str], fields: Mapping[str, str], files: Mapping[str, Path], *,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        body, kind = _form(fields, files)
        again = headers is not None and "Idempotency-Key" in headers
        return self._line.send("POST", *path, body=body, kind=kind, again=again, headers=headers).json()

    def _paged(self, name: str, asked: Mapping[str, object]) -> Iterator[dict[str, Any]]:
        taken, matched = 0, 1
        while taken < matched:
            page = self._line.ask(name, query={**asked, "limit": _PAGE, "offset": taken}).json()
            yield from page[name]
            taken, matched = taken + len(page[name]), page["numberMatched"] if page[name] else 0

    def _save(self, path: str | Path, *parts: str, query: Mapping[str, object] | None = None) -> Path:
        goal = Path(path)
        if goal.exists():
            raise dr.errors.FormatError(f"{goal} exists already; name another file")
        content = self._line.ask(*parts, query=query or {}, accept="*/*").content
        goal.write_bytes(content)
        return goal

    @staticmethod
    def _submission(told: Mapping[str, Any]) -> Submission:
        return cast("Submission", told)


def _form(fields: Mapping[str, str], files: Mapping[str, Path]) -> tuple[bytes, str]:
    """Return a form with files (RFC 7578) and its media type."""
    mark = secrets.token_hex(16)
    parts = [(f'name="{name}"', text.encode()) for name, text in fields.items()]
    for name, path in files.items():
        if not path.is_file():
            raise dr.errors.FormatError(f"{path}: there is no such file")
        shown = path.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head = f'name="{name}"; filename="{shown}"' + "\r\nContent-Type: application/octet-stream"
        parts.append((head, path.read_bytes()))
    pieces = [
        f"--{mark}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + body + b"\r\n" for head, body in parts
    ]
    return b"".join([*pieces, f"--{mark}--\r\n".encode()]), f"multipart/form-data; boundary={mark}"


def _verify(told: Mapping[str, Any], public_key: str) -> None:
    """Hold facts against their signature: Ed25519 over their canonical JSON (RFC 8785)."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise dr.errors.FormatError("receipts are verified by cryptography: pip install 'drainage[api]'") from error
    facts = json.dumps(told["receipt"], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(told["signature"], validate=True), facts)
    except (ValueError, InvalidSignature) as error:
        raise ReceiptError(
            "the receipt is not what the key of the server signed; keep it, and ask the office"
        ) from error
    if told["public_key"] != public_key:
        raise ReceiptError("the receipt names another key than that of the server")
