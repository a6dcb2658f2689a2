"""The signs of nodes as blocks, a unit a millimetre on paper, with the data of the node as attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ezdxf.document import Drawing
    from ezdxf.layouts.blocklayout import BlockLayout

#: Kind of node → name of its block; any other is drawn as a manhole.
BLOCKS: Final = {
    "manhole": "MANHOLE",
    "inlet": "INLET",
    "junction": "JUNCTION",
    "interceptor": "INTERCEPTOR",
    "outfall": "OUTFALL",
    "pump": "PUMP",
    "storage": "STORAGE",
    "works": "WORKS",
    "user": "USER",
}
#: Block → how far its sign reaches from the node, mm.
REACH: Final = {
    "MANHOLE": 0.75, "INLET": 0.9, "JUNCTION": 0.3, "INTERCEPTOR": 1.4, "OUTFALL": 1.8, "PUMP": 1.5, "STORAGE": 1.6,
    "WORKS": 2.5, "USER": 1.2,
}  # fmt: skip
#: What the blocks tell of a node, beside its layer.
TAGS: Final = ("NODE_ID", "GROUND_M", "INVERT_M")
ARROW: Final = "FLOW"
_ARROW_MM: Final = 2.4
_TAG_MM: Final = 1.0


def add_blocks(document: Drawing, style: str) -> None:
    """Define the blocks; what they draw takes the layer and colour of where they are put."""
    for name, reach in REACH.items():
        block = document.blocks.new(name)
        _SIGNS[name](block, reach)
        for row, tag in enumerate(TAGS):
            place = (reach, -_TAG_MM * 1.5 * row)
            block.add_attdef(tag, place, tag, height=_TAG_MM, dxfattribs={"style": style, "flags": 1})
    arrow = document.blocks.new(ARROW)
    _filled(arrow, [(-_ARROW_MM / 2.0, 0.45), (_ARROW_MM / 2.0, 0.0), (-_ARROW_MM / 2.0, -0.45)])


def _circle(block: BlockLayout, reach: float) -> None:
    block.add_circle((0.0, 0.0), reach)


def _box(block: BlockLayout, reach: float) -> None:
    corners = [(-reach, -reach), (reach, -reach), (reach, reach), (-reach, reach)]
    block.add_lwpolyline(corners, close=True)


def _gully(block: BlockLayout, reach: float) -> None:
    half = reach / 2.0
    block.add_lwpolyline([(-reach, -half), (reach, -half), (reach, half), (-reach, half)], close=True)
    block.add_line((-reach, 0.0), (reach, 0.0))


def _dot(block: BlockLayout, reach: float) -> None:
    _filled(block, [(-reach, 0.0), (0.0, -reach), (reach, 0.0), (0.0, reach)])


def _diamond(block: BlockLayout, reach: float) -> None:
    block.add_lwpolyline([(-reach, 0.0), (0.0, -reach), (reach, 0.0), (0.0, reach)], close=True)
    _dot(block, reach / 3.0)


def _triangle(block: BlockLayout, reach: float) -> None:
    _filled(block, [(-reach, reach * 0.8), (reach, reach * 0.8), (0.0, -reach)])


def _pump(block: BlockLayout, reach: float) -> None:
    block.add_circle((0.0, 0.0), reach)
    _filled(block, [(-reach * 0.7, -reach * 0.5), (reach * 0.7, -reach * 0.5), (0.0, reach)])


def _works(block: BlockLayout, reach: float) -> None:
    _box(block, reach)
    _box(block, reach * 0.6)


def _tank(block: BlockLayout, reach: float) -> None:
    _box(block, reach)
    block.add_line((-reach, 0.0), (reach, 0.0))


def _user(block: BlockLayout, reach: float) -> None:
    block.add_lwpolyline([(-reach, -reach), (reach, -reach), (0.0, reach)], close=True)


def _filled(block: BlockLayout, corners: list[tuple[float, float]]) -> None:
    block.add_solid([corners[k] for k in (0, 1, 3, 2)] if len(corners) == 4 else corners)  # crosswise, as DXF has it


_SIGNS: Final = {
    "MANHOLE": _circle, "INLET": _gully, "JUNCTION": _dot, "INTERCEPTOR": _diamond, "OUTFALL": _triangle,
    "PUMP": _pump, "STORAGE": _tank, "WORKS": _works, "USER": _user,
}  # fmt: skip
