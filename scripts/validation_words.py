"""The words of docs/validation.md that stand around its numbers."""

from __future__ import annotations

HEAD = """# The screening held against EPA SWMM

Written by `scripts/validate_screening.py`; no number here is typed by hand. The real models are public test material
and no part of this project. Truth is the engine's dynamic wave with surcharge method {slot[0]} and a step of
{slot[1]:g} s. *SWMM itself* is the same engine with {extran[0]} at {extran[1]:g} s, scored against that truth as if
it were a screening: no quick method can be asked to agree with SWMM more than SWMM does with itself. *As much runoff*
is the screening with all ground scaled so that as much water comes as in the engine: what is left is hydraulics, what
went is hydrology (the screening takes the impervious share as Ψ; the engine has infiltration, depression storage, dry
weather flow and hydrographs). A node overflows from {clear:g} m³ on; ρ is the rank correlation of volumes over the
nodes that either floods. † marks trees: no fork, no loop, no pump, weir, orifice or outlet. The random trees get the
same inflows in both (`tests/simulation/screening/test_screening_engine.py`). Design storms are Shanghai's, 120 min,
and all networks but
the demo city are far from Shanghai: they load the pipes, no more. Most networks are small: a node more or less is a
tenth.

Times are those of a shared machine (load {load} when this was written): the quickest of {calls} calls of `screen`, and
that of the engine's process on one core from its start to its results, kept with its answer from the run that first met
the model; of the trees, of all 20. Small networks cost the screening its fixed share: reading tables, not hydraulics.
The books of both stand beside the times: what neither overflowed nor flowed out by the screening, what was lost or made
by the engine's routing, in % of what came.
"""
TREES = """
All nodes of all networks together, against the goal for trees:
"""
REASONS = {
    "itself": "SWMM's two methods differ there as well",
    "runoff": "runoff: right with as much water as in the engine",
    "close": "close: neither says more than 10 m³",
    "blind": "not judged: a pump, weir or orifice leaves, or no size, level or ground",
    "loop": "on a loop",
    "basin": "basin with a weir or orifice: it holds back the peak",
    "regulator": "at a pump, weir, orifice or outlet",
    "fork": "at a fork: the split is by capacity, not by levels",
    "neighbour": "a node within two pipes of it overflows in its place, or is wrong too",
    "other": "none of these",
}
EXPLAINED = """The first reason that applies counts, in the order: SWMM itself, runoff, close, what stands at the
node, neighbours. What was seen by looking at them:

- **Runoff.** The largest share. The impervious share as Ψ leaves out what pervious ground sheds in a large storm, and
  dry weather flow beyond its mean (bellinge_small gets a third of the engine's water; every_element less than a tenth
  in design storms, for the engine runs its inflows all the simulated time). It is a matter of input: catchments with
  their Ψ make up for it.
- **Which of the neighbours.** Several branches that meet at one node see one level there, and all spill a little; in
  the engine the branch with the lowest ground spills nearly all, and so relieves the others. Points of waterlogging
  join such neighbours. More sweeps a step were tried and change little (F1 of the trees 0.83-0.86).
- **Pipes that fill.** The peak is cut by the water that filling pipes take up; the screening stores nothing. So it
  floods a trunk at its limit (user4, DN 2100: its peak there is 17 % above that of the rational method), and where
  both get the same water it says more than the engine in sum.
- **Basins.** In user2 basins with weirs hold the peak back; here they pass it on, and the pipe below them overflows.
- **Pumps.** A pump takes all that comes: one that is too small, as at the well of epa_Example8, is not seen.
- **Weirs.** A weir beside a pipe takes what the pipe cannot pass at the level of its crest, without a head of its
  own.
- **Forks and loops.** Water is shared by the capacity of the pipes, and the closing pipe of a loop carries nothing.

Found by this comparison and mended since: a grade line that was passed back through pumps, weirs that took half of
all water as if they were pipes, and a section of 15 m at the end of bellinge_small that let no water out because its
crown stands above the ground.
"""
PEER_LEFT_OUT = """Left out: no Python that has it was given (`--peers`).
"""
PEER = """`stormsewer` {version} asks the nearest question of the packages on PyPI that we know: rational method,
Manning, and a grade line from the outfall up that floods a node where it stands above the ground. It is under the GPL,
runs in a process of another Python, and is no part of this project. It gets what the screening works with: ΨF of each
node, storm formula, inlet time, inverts, sections, roughness and tailwater, a project for each connected part, and no
losses at nodes. *Finds* are the nodes that each floods. Its time is the quickest of as many calls, from the text of its
projects to its rows, without the start of its process.
"""
PEER_TREES = """All nodes of the trees (†) that it answers together:
"""
PEER_WITHOUT = """Without an answer of it:
"""
PEER_EXPLAINED = """What lies behind the difference, seen in its answers:

- **It knows one moment, the peak.** Each pipe is to pass all that comes by the rational method; what floods a node
  runs on in the pipes. So everything below a bottleneck gets too much, and the line above it stands too high, in user4
  up to most of the network: it finds nearly all that SWMM floods, and much more. For a tool of design that is the safe
  side; it has neither volumes nor durations of overflow to compare. The screening lets the water out where it rises.
- **Where water is missing, that helps.** bellinge_small gets a third of the engine's water in both; the larger flows
  make up for some of it, and in 2 a and 5 a it is nearer to SWMM than the screening.
- **Trees only.** A cycle it refuses. At a fork it sends the whole flow down each pipe, so that water is made: user4 has
  one (with either of its pipes left out, as many nodes flood).
- **Adverse pipes end its line.** The node above one stands at its invert and does not flood.
- **What it has not**: pumps, weirs, orifices, outlets, basins, constant inflows, recorded rain, C above 1, several
  tailwaters in one project. Networks with pumps and the like are not put to it, nor own storms.
- **Units.** With `units: si` it takes metres, hm² (as `area_ac`) and mm/h, and answers in feet and cubic feet a second;
  its full-bore capacities are ours within 0.01 %, its flow of a first pipe is 0.8 % lower, for it leaves out the factor
  1.008 between acre-inches an hour and cubic feet a second.
"""

COVER = """\
Trees flatter a screening. `validation/doubt_cover.py` runs distinct public models that rain drives by both engines,
each in its own rain, with its forks, loops, basins, pumps and all: there the screening is wrong far more often, and
what it is worth is whether it knows. Aims: at least 90 % of the nodes at which the two differ (1 m³ or more in one
alone) carry a doubt, and at most 60 % of those at which they agree. The doubts were tuned on one half of the models
and not on the other. A model in which the engine itself lost or made more than a tenth of the water is left out.

On plain trees, which are rare among them, a doubt must not be said of all that runs full in the storm that it was laid
for: the demo city after its works is dry in 3 a by both, and 601 of its 2,906 judged nodes (21 %) carry a doubt; on
2018-12-31, when 115 overflow, all 22 nodes at which the two differ do, and 557 (19 %) of those at which they agree; of
40 random trees 24 of 25, and 30 %. These are the trees by which the bounds of plain trees were chosen.
"""
