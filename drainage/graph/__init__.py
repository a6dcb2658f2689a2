"""Who drains to whom: the flow graph and its compiled kernels."""

from drainage.graph.flow import Adjacency, FlowGraph, Reach, Sources, connect

__all__ = ["Adjacency", "FlowGraph", "Reach", "Sources", "connect"]
