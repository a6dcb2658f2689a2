"""What the name of a column says: cut into words, each with all that it may mean."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from drainage.schema import codes
from drainage.schema.columns import DBF_NAME, bare_name
from drainage.schema.layers import LAYERS

_FILE: Final = Path(__file__).with_name("vocabulary.toml")
Meanings = tuple[frozenset[str], ...]
Twin = tuple[str, tuple[tuple[str, ...], ...]]
#: Words of another matter altogether: what a column is about that has one, our columns without it are not.
_HEAVY: Final = frozenset(("FOREIGN", "SURVEY"))
#: Our own name is read whatever the values are; they are said, one by one, where they are no such values.
OWN_NAME: Final = 30.0
# Points of our choice, tried on the columns of real cities (docs/validation/cities.md): 4 a clear name, 3 is needed.
_PLAIN_NAME, _KNOWN_NAME, _SHARED_NAME = 5.0, 3.8, 2.6
_HEAVY_COST, _STRANGE_COST, _UNKNOWN_COST, _LEAST = 5.0, 1.4, 0.4, -4.0
_LONG, _LONGEST = 5, 16
_BEGUN, _SHORTEST_CUT = 3, 2
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class Fit(NamedTuple):
    """The meanings that together make a name of one of our columns, with their points, and what may stand beside."""

    needs: tuple[tuple[frozenset[str], float], ...]
    beside: frozenset[str]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """All words by which columns are understood.

    Parameters
    ----------
    words
        Word in a name → what it may mean.
    fits
        Layer → our column → which meanings make its name.
    known
        Layer → whole name, folded → our columns that are met under it.
    values
        Code list, ``material`` or ``road`` → words of its values.
    """

    words: Mapping[str, frozenset[str]]
    fits: Mapping[str, Mapping[str, Fit]]
    known: Mapping[str, Mapping[str, frozenset[str]]]
    values: Mapping[str, frozenset[str]]

    @classmethod
    def load(cls, *, without: Collection[str] = ()) -> Vocabulary:
        """Read the vocabulary; ``without`` leaves out words of names, whole names and words of values, folded."""
        said = tomllib.loads(_FILE.read_text(encoding="utf-8"))
        words: dict[str, set[str]] = {}
        listed = {**said["names"], "FOREIGN": said["foreign"]["words"]}
        for meaning, text in listed.items():
            for word in (_plain(word) for word in text.split() if word not in without):
                if meaning != "FOREIGN" or word not in words:
                    words.setdefault(word, set()).add(meaning)
        known: dict[str, dict[str, set[str]]] = {layer: {} for layer in said["columns"]}
        for layer, names in known.items():
            for ours, column in LAYERS[layer].columns.items():
                for name in map(codes.fold, column.aliases):
                    if name not in without:
                        names.setdefault(name, set()).add(ours)
        values = {name: set(text.split()) for name, text in said["values"].items()}
        for name, meant in codes.MEANINGS.items():
            values.setdefault(name, set()).update(word for word in meant if not word.isdigit())
        values["material"].update(codes.MATERIALS)
        return cls(
            {word: frozenset(meanings) for word, meanings in words.items()},
            {layer: {ours: _fit(one) for ours, one in columns.items()} for layer, columns in said["columns"].items()},
            {layer: {name: frozenset(ours) for name, ours in names.items()} for layer, names in known.items()},
            {name: frozenset(map(_joined, filter(_telling, meant - {*without}))) for name, meant in values.items()},
        )

    @cache  # noqa: B019 - a vocabulary lives as long as the process
    def _long_words(self) -> tuple[str, ...]:
        return tuple(sorted((w for w in self.words if len(w) >= _LONG and w.isascii()), key=len, reverse=True))

    @cache  # noqa: B019
    def meanings(self, name: str) -> tuple[Meanings, int]:
        """Return what each word of a name may mean, and how many of its parts say nothing."""
        parts = _parts(name)
        whole = "".join(parts)
        found: list[frozenset[str]] = []
        if side := re.search(r"[^\d]([12])$", name):  # node_1, node_2
            found.append(frozenset(("FROM" if side[1] == "1" else "TO", "NEUTRAL")))
        if whole in self.words:
            return (*found, self.words[whole]), 0
        unknown, i = 0, 0
        while i < len(parts):
            two = "".join(parts[i : i + 2])
            if i + 1 < len(parts) and len(two) > 4 and two in self.words:
                found.append(self.words[two])
                i += 2
                continue
            words, left = self._cut(parts[i])
            if left and len(name) == DBF_NAME and i == len(parts) - 1:
                found += self._cut_off(parts[i])
                unknown += not found
                break
            unknown += not words or left > len(parts[i]) // 4
            found += [self.words[word] for word in words]
            i += 1
        return tuple(found), unknown

    def points(self, name: str, layer: str, ours: str) -> float:
        """Return how well a name fits a column of ours: 4 clearly, 0 is silent, below it says another thing."""
        bare = self._bare(name)
        if bare in (ours, ours[:DBF_NAME]):
            return OWN_NAME
        if bare == ours.removesuffix("_mm").removesuffix("_m"):
            return _PLAIN_NAME
        named = self.known[layer].get(bare, frozenset())
        listed = 0.0 if ours not in named else _KNOWN_NAME if len(named) == 1 else _SHARED_NAME
        fit = self.fits[layer].get(ours)
        if fit is None:
            return listed
        found, unknown = self.meanings(name)
        said = frozenset().union(*found)
        fitting = [(points, need) for need, points in fit.needs if need <= said]
        fine = fit.beside.union(*(need for _, need in fitting))
        strange = [word for word in found if not word & fine and "NEUTRAL" not in word]
        cost = (
            _HEAVY_COST * any(word & _HEAVY for word in strange)
            + _STRANGE_COST * sum(not word & _HEAVY for word in strange)
            + _UNKNOWN_COST * unknown
        )
        of_words = max(points for points, _ in fitting) - cost if fitting else max(-0.8 * cost, _LEAST)
        understood = bool(fitting) and not strange and not unknown
        return of_words if not listed or (understood and len(named) == 1) else max(of_words, listed)

    def of_another(self, name: str) -> bool:
        """Return whether a name says something of ours, but of another thing: the status of a project."""
        found, _ = self.meanings(name)
        return any(word & _HEAVY for word in found) and any(not word & _HEAVY for word in found)

    def tells(self, name: str, layer: str) -> bool:
        """Return whether a name speaks for any column of ours."""
        return any(self.points(name, layer, ours) >= 1.0 for ours in LAYERS[layer].columns)

    @cache  # noqa: B019
    def _bare(self, name: str) -> str:
        return bare_name(name)

    @cache  # noqa: B019
    def twin(self, name: str) -> Twin:
        """Return the side of a name, FROM, TO or none, and the rest of it, in which its partner is alike."""
        found, _ = self.meanings(name)
        sides = ["FROM" in word for word in found if ("FROM" in word) != ("TO" in word)]
        rest = tuple(sorted(tuple(sorted(word - {"FROM", "TO"})) for word in found if word - {"FROM", "TO"}))
        return ("FROM" if sides and sides[0] else "TO" if sides else "", rest)

    @cache  # noqa: B019
    def _cut(self, part: str) -> tuple[tuple[str, ...], int]:
        """Cut a part of a name into the fewest known words; return them, and how many signs are left over."""
        if part in self.words:
            return (part,), 0
        best: list[tuple[float, tuple[str, ...], int]] = [(0.0, (), 0)]
        for end in range(1, len(part) + 1):
            cost, words, left = best[end - 1]
            options = [(cost + 1.5, words, left + 1)]
            for start in range(max(0, end - _LONGEST), end - part.isascii()):
                word = part[start:end]
                if word in self.words:
                    cost, words, left = best[start]
                    options.append(
                        (cost + (1.0 if end - start > 2 or not word.isascii() else 1.7), (*words, word), left)
                    )
            best.append(min(options, key=lambda option: option[0]))
        _, words, left = best[-1]
        if left and len(part) >= _BEGUN:  # the beginning of one long word: cut off or abbreviated
            begun = self._begun(part, least=_LONG)
            if begun and len(set(begun)) == 1:
                return (next(w for w in self._long_words() if w.startswith(part)),), 0
        if left <= len(part) // 4:
            return words, left
        if part.endswith(("id", "key")) and len(part) >= _BEGUN:
            return ("id",), left
        return tuple(w for w in words if (len(w) >= 4 and left >= 4) or not w.isascii()), left

    def _cut_off(self, part: str) -> list[frozenset[str]]:
        """Read a part that a Shapefile cut off: known words, and behind them the beginning of one."""
        for start in range(len(part)):
            words, left = self._cut(part[:start]) if start else ((), 0)
            begun = {meanings for meanings in self._begun(part[start:]) if len(part) - start >= _SHORTEST_CUT}
            written_out = not left and "".join(words) == part[:start]
            if written_out and begun and len(frozenset().union(*begun)) <= _BEGUN:
                return [*(self.words[word] for word in words), frozenset().union(*begun)]
        words, _ = self._cut(part)
        return [self.words[word] for word in words]

    def _begun(self, part: str, *, least: int = 4) -> list[frozenset[str]]:
        """Return what the words mean that a part begins; a word of another matter must be written out."""
        return [
            meanings
            for word, meanings in self.words.items()
            if len(word) >= least and word.isascii() and word.startswith(part) and meanings != {"FOREIGN"}
        ]


def letter_twins(one: str, other: str) -> bool:
    """Return whether two names differ in one short part alone: UPSELEV, DWNELEV."""
    one, other = one.lower(), other.lower()
    head = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    ends = zip(reversed(one[head:]), reversed(other[head:]), strict=False)
    tail = next((i for i, (a, b) in enumerate(ends) if a != b), min(len(one), len(other)) - head)
    alike = head + tail
    return alike >= 3 and max(len(one), len(other)) - alike <= 10


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary of the product."""
    return Vocabulary.load()


def _fit(said: Mapping[str, Any]) -> Fit:
    needs = tuple((frozenset(need.split()), float(points)) for need, points in said["fits"].items())
    return Fit(needs, frozenset(said["beside"].split()))


def _joined(word: str) -> str:
    return word.replace("_", "")


def _telling(word: str) -> bool:
    """Return whether a word of values says anything by itself: a letter alone may mean all."""
    return len(word) > 1 or not word.isascii()


def _parts(name: str) -> list[str]:
    """Split a name at signs, camel case, digits and between scripts: UpstreamInvert is upstream, invert."""
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    parts = re.findall(r"[^\W\d_]+", codes.fold(name).replace("_", " ").translate(_UMLAUTS))
    return [_plain(piece) for part in parts for piece in re.findall(r"[一-鿿]+|[^一-鿿]+", part)]


def _plain(word: str) -> str:
    """Write a word without accents and signs: diamètre is diametre, Höhe is hoehe."""
    letters = unicodedata.normalize("NFKD", word.translate(_UMLAUTS))
    return "".join(letter for letter in letters if letter.isalnum())
