"""The words of docs/validation.md that stand around its numbers."""

from __future__ import annotations

HEAD = """# The screening compared with EPA SWMM

Written by `scripts/validate_screening.py`; no number here is typed by hand. The real models are public test material
and not part of this project. The reference is the engine's dynamic wave with surcharge method {slot[0]} and a step of
{slot[1]:g} s. *SWMM itself* is the same engine with {extran[0]} at {extran[1]:g} s, scored against that reference as
if it were a screening: no quick method can be expected to agree with SWMM better than SWMM does with itself. *As much
runoff* is the screening with all ground scaled so that it gets as much water as the engine: the remaining difference
is hydraulics, the rest is hydrology (the screening uses the impervious share as Ψ; the engine has infiltration,
depression storage, dry weather flow and hydrographs). A node overflows from {clear:g} m³ on; ρ is the rank correlation
of volumes over the nodes that either floods. † marks trees: no fork, no loop, no pump, weir, orifice or outlet. The
random trees have the same inflows in both (`tests/simulation/screening/test_screening_engine.py`). Design storms are
Shanghai's, 120 min, and all networks but the demo city are far from Shanghai: they only serve to load the pipes. Most
networks are small, so one node can be a tenth of the result.

Times were measured on a shared machine (load {load} when this was written): the quickest of {calls} calls of `screen`,
and the engine's process on one core from its start to its results, stored with its results from the first run of the
model; for the trees, the sum of all 20. In small networks most of the screening's time is a fixed cost: reading
tables, not hydraulics. The columns after the times give the balance errors of both: for the screening the water that
neither overflowed nor flowed out, for the engine the water lost or created by routing, in % of the inflow.
"""
TREES = """
All nodes of all networks together, compared with the goal for trees:
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
EXPLAINED = """The first reason that applies is counted, in this order: SWMM itself, runoff, close, what is at the
node, neighbours. Findings from looking at individual cases:

- **Runoff.** The largest share. The impervious share as Ψ ignores the runoff of pervious ground in a large storm, and
  dry weather flow above its mean (bellinge_small gets a third of the engine's water; every_element less than a tenth
  in design storms, because the engine runs its inflows for the whole simulation). This is a matter of input:
  catchments with their own Ψ correct it.
- **Which of the neighbours.** Several branches that meet at one node have the same level there, and all overflow a
  little; in the engine the branch with the lowest ground overflows by nearly all the water, and relieves the others.
  Waterlogging points combine such neighbours. More sweeps per step were tried and change little (F1 of the trees
  0.83-0.86).
- **Pipes that fill.** Filling pipes take up water and reduce the peak; the screening stores nothing. So it floods a
  trunk at its limit (user4, DN 2100: its peak there is 17 % above that of the rational method), and with the same
  water its total overflow is larger than that of the engine.
- **Basins.** In user2 basins with weirs hold the peak back; in the screening they pass it on, and the pipe below them
  overflows.
- **Pumps.** A pump takes all water that arrives: one that is too small, as at the well of epa_Example8, is not
  noticed.
- **Weirs.** A weir beside a pipe takes what the pipe cannot pass at the level of its crest, without a head of its own.
- **Forks and loops.** Water is shared by the capacity of the pipes, and the closing pipe of a loop carries nothing.

Errors found by this comparison and corrected since: a grade line that was passed back through pumps, weirs that took
half of all water as if they were pipes, and a section of 15 m at the end of bellinge_small that let no water out
because its crown is above the ground.
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
Trees make a screening look better than it is. `validation/doubt_cover.py` runs distinct public models that rain drives
by both engines, each in its own rain, with its forks, loops, basins, pumps and all: there the screening is wrong far
more often, and its value depends on whether it marks these cases as doubtful. Goals: at least 90 % of the nodes at
which the two differ (1 m³ or more in one alone) carry a doubt, and at most 60 % of those at which they agree. The
doubts were tuned on one half of the models and not on the other. A model in which the engine itself lost or made more
than a tenth of the water is left out.

On plain trees, which are rare among them, a doubt must not be said of all that runs full in the storm that it was laid
for: the demo city after its works is dry in 3 a by both, and 601 of its 2,906 judged nodes (21 %) carry a doubt; on
2018-12-31, when 115 overflow, all 22 nodes at which the two differ do, and 557 (19 %) of those at which they agree; of
40 random trees 24 of 25, and 30 %. These are the trees by which the bounds of plain trees were chosen.
"""
