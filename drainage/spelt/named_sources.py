"""What words name: the files of a network by what they hold, field data by its kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from drainage.errors import FormatError
from drainage.formats.addresses import is_database
from drainage.words import in_both


def is_pair(word: str) -> bool:
    """Return whether a word is NAME=FILE rather than the name of a file, or the URL of a database."""
    return "=" in word and not is_database(word) and not Path(word).exists()


def parts_of(word: str) -> list[str]:
    """Return the files of one network that a word names: NAME=FILE,NAME=FILE, or one file."""
    parts = word.split(",")
    return parts if len(parts) > 1 and all(map(is_pair, parts)) and not Path(word).exists() else [word]


def systems_of(word: str) -> set[str]:
    """Return for which systems and layers a word names files; none where it is one file."""
    return {part.partition("=")[0] for part in parts_of(word) if is_pair(part)}


def name_of(source: str) -> str:
    """Return the name of a file without its extension, that of a database by its own name."""
    return Path(source.partition("?")[0] if is_database(source) else source).stem


def by_name(words: Iterable[str]) -> dict[str, str | list[str]]:
    """Return what words NAME=VALUE say, by name; several values where a name stands more than once.

    Examples
    --------
    >>> by_name(["storm=ys.shp", "nodes=a.shp", "nodes=b.shp"])
    {'storm': 'ys.shp', 'nodes': ['a.shp', 'b.shp']}
    """
    found: dict[str, list[str]] = {}
    for name, _, value in (word.partition("=") for word in words):
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def sources_named(words: Sequence[str]) -> tuple[str | dict[str, Any], list[str]]:
    """Return what words name as `drainage.read_network` takes it, and the files that they name.

    Parameters
    ----------
    words
        One file, NAME=FILE of systems and layers, or files whose names say what they hold.

    Raises
    ------
    FormatError
        Plain names together with NAME=FILE, or a name without a file; one of several files does not exist, or its name
        says neither a system nor that it holds points, or the same as another.
    """
    parts = [part for word in words for part in parts_of(word)]
    pairs = [part for part in parts if is_pair(part)]
    if pairs and len(pairs) < len(parts):
        raise FormatError(in_both("sources_mixed", words=" ".join(parts)))
    if pairs:
        _refuse_without_file(pairs)
        return by_name(pairs), [part.partition("=")[2] for part in pairs]
    return (_by_file_names(parts) if len(parts) > 1 else parts[0]), parts


def evidence_named(words: Sequence[str]) -> list[str] | dict[str, str | list[str]]:
    """Return field data that words name as `drainage.read_evidence` takes it: plain files, or KIND=FILE.

    Raises
    ------
    FormatError
        Plain names together with KIND=FILE, or a kind without a file.
    """
    pairs = [one for one in words if "=" in one and not Path(one).exists()]
    plain = [one for one in words if Path(one).exists() or "=" not in one]
    if pairs and plain:
        raise FormatError(in_both("evidence_mixed", words=" ".join(words)))
    _refuse_without_file(pairs)
    return by_name(pairs) or plain


def _refuse_without_file(pairs: Sequence[str]) -> None:
    if empty := [pair for pair in pairs if not pair.partition("=")[2]]:
        raise FormatError(in_both("source_without_file", word=empty[0]))


def _by_file_names(files: Sequence[str]) -> dict[str, Any]:
    """Return files by what their names say that they hold: the pipes of a system, or points."""
    from drainage.formats.containers import holds_nodes, system_in_name
    from drainage.formats.guard.before_opening import no_file

    named: dict[str, Any] = {}
    for file in files:
        stem = Path(file).stem
        holds = "nodes" if holds_nodes(stem) else system_in_name(stem)
        if holds is None or (holds in named and holds != "nodes"):
            missing = next((each for each in files if not Path(each).exists() and not is_database(each)), None)
            unsaid = in_both("sources_without_system", file=file)
            raise FormatError(unsaid if missing is None else no_file(Path(missing)))
        if holds == "nodes":
            named.setdefault(holds, []).append(file)
        else:
            named[holds] = file
    return named
