"""The audit log: lines that are only ever added, each with the hash of the one before it; the last is in the database.

Before lines are written the database is told where the log will end, and afterwards that it does: a process killed
between the two leaves a log that ends where it was to end, or short of it, which is told from one that was cut.
A line follows the head in the database, not the file, so that what was done to the end of the file shows for ever.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from drainage.said import Said
from drainage.words import in_both
from drainage_api.store.database import LOG, NOTHING, Database, as_store_error
from drainage_api.store.tables import audit_lines, head

Entry = Mapping[str, object]
#: What an entry says that tells of a line which a killed process did not finish.
TORN: Final = "torn"
_HASHED: Final = len(',"hash":""}') + 64  # bytes at the end of a line that its own hash does not cover
_HASH: Final = re.compile(rb',"hash":"[0-9a-f]{64}"\}')


@dataclass(frozen=True, slots=True)
class _End:
    """How many lines, the hash of the last, and bytes."""

    count: int = 0
    digest: str = NOTHING
    size: int = 0

    def after(self, digest: str, size: int) -> _End:
        return _End(self.count + 1, digest, self.size + size)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole log found.

    Parameters
    ----------
    entries
        Lines whose chain holds, from the first on.
    broken
        Number of the first line that does not follow from the one before it; None where all do.
    why
        What is wrong with it: it was ``edited`` or is ``unreadable``, lines before it are ``missing``, it is ``added``,
        the log was ``cut`` before it, or ``rewritten`` as a whole, so that it does not end as the database says.
    torn
        Numbers of lines that a killed process left unfinished.
    lost
        Entries at the end that a killed process had announced and did not write.
    first, last
        Times of the first and the last entry.
    """

    entries: int = 0
    broken: int | None = None
    why: str = ""
    torn: Sequence[int] = ()
    lost: int = 0
    first: str = ""
    last: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it for a machine."""
        return {**asdict(self), "torn": list(self.torn)}

    def told(self) -> Iterator[Said]:
        """Tell it, a line for each thing that was found."""
        if self.torn:
            yield in_both("audit_torn", lines=", ".join(map(str, self.torn)))
        if self.lost:
            yield in_both("audit_lost", count=self.lost)
        if self.broken is not None:
            why = in_both(f"audit_why_{self.why}")
            yield in_both("audit_broken", line=self.broken, entries=self.entries, why=why)
        elif self.entries:
            yield in_both("audit_whole", entries=self.entries, first=self.first, last=self.last)
        else:
            yield in_both("audit_empty")


class AuditLog:
    """The log beside a database in a file, which several processes may write at once.

    Parameters
    ----------
    database
        Which holds its head.
    """

    def __init__(self, database: Database) -> None:
        """Take the database; the file is made with the first entry."""
        self._database, self._path = database, database.place / LOG

    def append(self, entries: Sequence[Entry]) -> None:
        """Add entries, all or none.

        Raises
        ------
        StoreError
            The disk is full, or the store cannot be written.
        """
        if not entries:
            return
        with as_store_error(), self._alone() as file:
            self._add(file, entries)

    @contextmanager
    def still(self) -> Iterator[int]:
        """Let nobody write for a while, and give the bytes of the log: what a killed process left is settled before.

        Raises
        ------
        StoreError
            The store cannot be written.
        """
        with as_store_error(), self._alone() as file:
            begun, promised = self._ends()
            if begun != promised:
                self._add(file, ())
            yield os.fstat(file).st_size

    def _add(self, file: int, entries: Sequence[Entry]) -> None:
        begun, promised = self._ends()
        begun, torn = self._taken_up(file, begun, promised)
        ends, content = _chained([*torn, *entries], begun)
        self._tell(begun, ends)
        try:
            _write(file, content if _ends_a_line(file) else b"\n" + content)
        except OSError:
            self._tell(begun, begun)
            raise
        self._tell(ends, ends)

    @contextmanager
    def _alone(self) -> Iterator[int]:
        import fcntl  # a store is refused where there is none (`open_in_file`)

        file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)

    def _ends(self) -> tuple[_End, _End]:
        with self._database.reading() as connection:
            return _ends(connection)

    def _tell(self, now: _End, soon: _End) -> None:
        with self._database.writing() as connection:
            connection.execute(update(head).values(_row(now, soon)))

    def _taken_up(self, file: int, begun: _End, promised: _End) -> tuple[_End, list[Entry]]:
        """Return where the log goes on, and what is to be said of lines that a killed process did not finish."""
        if promised == begun:
            return begun, []
        *whole, part = os.pread(file, promised.size - begun.size, begun.size).split(b"\n")
        if part:
            _write(file, b"\n")
            whole.append(part)
        ended = begun
        for number, line in enumerate(whole, 1):
            if not _fault(line, ended):
                ended = ended.after(_own_hash(line), len(line) + 1)
            elif number < len(whole):
                return begun, []  # not what was promised: the chain will show it
            else:
                lost, ended = promised.count - ended.count, ended.after(_hash(line), len(line) + 1)
                return ended, [{"event": TORN, "time": moment(), "lost": lost, "line": ended.count}]
        if ended == promised:
            return promised, []
        return ended, [{"event": TORN, "time": moment(), "lost": promised.count - ended.count}]


class AuditRows(AuditLog):
    """The log in a database on a server, whose transactions leave no line unfinished."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Add entries, all or none."""
        if not entries:
            return
        with self._database.writing() as connection:
            begun, _ = _ends(connection)
            ends, content = _chained(entries, begun)
            lines = enumerate(content.splitlines(), begun.count + 1)
            connection.execute(insert(audit_lines), [{"number": number, "line": line} for number, line in lines])
            connection.execute(update(head).values(_row(ends, ends)))

    @contextmanager
    def still(self) -> Iterator[int]:
        """Nothing is to be waited for: a snapshot of the database is one of the log."""
        yield 0


def audit_of(database: Database) -> AuditLog:
    """Return the log of a store."""
    return AuditLog(database) if database.dialect == "sqlite" else AuditRows(database)


def verify(database: Database) -> Verdict:
    """Read the whole log of a store, and tell whether each line follows from the one before it.

    Raises
    ------
    StoreError
        The store cannot be read.
    """
    with as_store_error(), database.reading() as connection:
        ended, promised = _ends(connection)
        if database.dialect != "sqlite":
            return _verdict(rows_of_log(connection), ended, promised)
        seen = _verdict(_lines(database.place / LOG), ended, promised)
    whole = seen.broken is None and ended == promised and ended.count > 0
    if whole and (database.place / LOG).stat().st_size != ended.size:
        return replace(seen, broken=ended.count, why="cut")
    return seen


def _verdict(lines: Iterable[bytes], ended: _End, promised: _End) -> Verdict:
    """Follow the chain from line to line, and compare where it ends with what the database says."""
    here, seen, unfinished = _End(), Verdict(), b""
    for line, after in _with_the_next(lines):
        why = _fault(line, here)
        if why and _is_torn(after, line, here):
            here = here.after(_hash(line), 0)
            seen = replace(seen, torn=[*seen.torn, here.count])
            continue
        if why and after is None and ended.count <= here.count < promised.count:
            unfinished = line
            break
        here = here.after(_own_hash(line), 0)
        if not why and here.count == ended.count and here.digest != ended.digest:
            why = "rewritten"
        if not why and here.count > promised.count:
            why = "added"
        if why:
            return replace(seen, broken=here.count, why=why)
        time = str(json.loads(line).get("time", ""))
        seen = replace(seen, entries=here.count, first=seen.first or time, last=time)
    return _at_the_end(seen, here, unfinished, ended, promised)


def _lines(path: Path) -> Iterator[bytes]:
    if path.exists():
        with path.open("rb") as file:
            yield from file


def rows_of_log(connection: Connection) -> Iterator[bytes]:
    """Give the lines of a log in a database."""
    asked = select(audit_lines.c.line).order_by(audit_lines.c.number)
    with connection.execution_options(yield_per=1000).execute(asked) as found:
        for (line,) in found:
            yield bytes(line)


def _with_the_next(lines: Iterable[bytes]) -> Iterator[tuple[bytes, bytes | None]]:
    """Give each line with the one behind it; None behind the last."""
    for line, after in pairwise(chain(lines, [None])):
        if line is not None:
            yield line.removesuffix(b"\n"), after.removesuffix(b"\n") if after is not None else None


def _at_the_end(seen: Verdict, here: _End, unfinished: bytes, ended: _End, promised: _End) -> Verdict:
    """Tell a log whose writer was killed from one whose end was cut off or added to."""
    if here.count < ended.count:
        return replace(seen, broken=here.count + 1, why="cut")
    if here.count == promised.count and here.digest != promised.digest:
        return replace(seen, broken=here.count, why="rewritten")
    if unfinished:
        seen = replace(seen, torn=[*seen.torn, here.count + 1])
    return replace(seen, lost=promised.count - here.count)


def _is_torn(after: bytes | None, line: bytes, here: _End) -> bool:
    """Tell whether the entry behind a line says that a killed process did not finish it."""
    if after is None or _fault(after, here.after(_hash(line), 0)):
        return False
    entry = json.loads(after)
    return bool(entry.get("event") == TORN and entry.get("line") == here.count + 1)


def _fault(line: bytes, before: _End) -> str:
    """Tell why a line does not follow from where the chain was; nothing if it does."""
    try:
        entry = json.loads(line)
        number, previous = int(entry["n"]), str(entry["previous"])
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return "unreadable"
    if not _HASH.fullmatch(line[-_HASHED:]) or _hash(line[:-_HASHED] + b"}") != _own_hash(line):
        return "edited"
    if number != before.count + 1:
        return "missing" if number > before.count + 1 else "added"
    return "" if previous == before.digest else "edited"


def _chained(entries: Sequence[Entry], begun: _End) -> tuple[_End, bytes]:
    here, lines = begun, []
    for entry in entries:
        said = {"n": here.count + 1, **entry, "previous": here.digest}
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        digest = _hash(text)
        line = text[:-1] + f',"hash":"{digest}"}}\n'.encode()
        here = here.after(digest, len(line))
        lines.append(line)
    return here, b"".join(lines)


def moment() -> str:
    """Return the time as the log has it, in UTC."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _own_hash(line: bytes) -> str:
    return line[-66:-2].decode("ascii", "replace")


def _ends(connection: Connection) -> tuple[_End, _End]:
    row: Any = connection.execute(select(head)).one()
    return _End(row.lines, row.digest, row.size), _End(row.next_lines, row.next_digest, row.next_size)


def _row(now: _End, soon: _End) -> dict[str, Any]:
    values = {"lines": now.count, "digest": now.digest, "size": now.size}
    return values | {"next_lines": soon.count, "next_digest": soon.digest, "next_size": soon.size}


def _ends_a_line(file: int) -> bool:
    size = os.fstat(file).st_size
    return size == 0 or os.pread(file, 1, size - 1) == b"\n"


def _write(file: int, content: bytes) -> None:
    """Write all of it, or nothing: what a full disk took of it is taken back."""
    size = os.fstat(file).st_size
    try:
        while content:
            content = content[os.write(file, content) :]
        os.fdatasync(file)
    except OSError:
        os.ftruncate(file, size)
        raise
