"""EPA SWMM models: the text of an .inp ⇄ pipes, nodes and catchments."""

from drainage.formats.inp.parse import InpModel, read_inp

__all__ = ["InpModel", "read_inp"]
