"""What stands on papers besides the data, in one language."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from drainage.said import Language, in_language
from drainage.words import all_of

if TYPE_CHECKING:
    from drainage.said import Said


def saying(key: str, lang: Language, **values: object) -> str:
    """Return a text of the table ``papers`` of `words.toml`, its values filled in."""
    told = {name: in_language(value, lang) for name, value in values.items()}
    return str(in_language(_sayings()[key], lang)).format(**told)


@cache
def _sayings() -> dict[str, Said]:
    return all_of("papers")
