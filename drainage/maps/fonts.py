"""Where a figure of matplotlib is drawn, and the language that its fonts can write."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from drainage.errors import FormatError
from drainage.said import Language
from drainage.words import in_both, language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Fonts with Chinese that systems bring along, in order of preference; without any the figure speaks English.
CHINESE_FONTS: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Heiti SC",
    "WenQuanYi Micro Hei",
)


def begin(ax: Axes | None, size: tuple[float, float]) -> tuple[Axes, Language, dict[str, Any]]:
    """Return axes, by default of a new figure of pyplot, the language that can be written on them, and its fonts."""
    plt = load_pyplot()

    from matplotlib import font_manager

    chinese = [name for name in CHINESE_FONTS if name in font_manager.get_font_names()][:1]
    ax = plt.subplots(figsize=size, layout="constrained")[1] if ax is None else ax
    return ax, language() if chinese else "en", {"family": [*plt.rcParams["font.family"], *chinese]}


def load_pyplot() -> ModuleType:
    """Load the library for figures, which is an extra.

    Raises
    ------
    FormatError
        It is not installed.
    """
    try:
        return import_module("matplotlib.pyplot")
    except ImportError as error:
        raise FormatError(in_both("needs_extra_plot")) from error
