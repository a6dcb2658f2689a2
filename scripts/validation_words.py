"""The words of docs/validation/validation.md that stand around its numbers."""

from __future__ import annotations

HEAD = """\
---
reader: whoever wants to know how far a screening may be believed, and why not further
afterwards: judge how often it is right on networks like yours, and where EPA SWMM has to decide
---
# The screening compared with EPA SWMM

Does the [screening](../methods/screening.md) name the same overflowing manholes as EPA SWMM? On trees of plain
pipes mostly; on real networks with forks, loops, basins and pumps far less often. There it marks where it may be
wrong (`doubt`), and the first table says how well it does that.

| word | meaning |
| --- | --- |
| precision | of the nodes that the screening floods, the share that EPA SWMM floods too; 1: no false alarm |
| recall | of the nodes that EPA SWMM floods, the share that the screening finds; 1: nothing missed |
| F1 | both in one number, their harmonic mean |
| ρ | how alike both rank the nodes by volume, over those that either floods; 1: the same order |
| † | a tree: no fork, no loop, no pump, weir, orifice or outlet |
| SWMM itself | EPA SWMM with {extran[0]} and a step of {extran[1]:g} s, scored alike: how far it agrees with itself |
| as much runoff | the screening, its ground scaled until it has the engine's water: what still differs is hydraulics |

The reference is EPA SWMM with dynamic wave routing, surcharge method {slot[0]} and a step of {slot[1]:g} s. A node
overflows from {clear:g} m³ on. The screening takes the impervious share as Ψ; the engine has infiltration,
depression storage, dry weather flow and hydrographs.

The real models are public test material and not part of this project. Their design storms are Shanghai's, 120 min,
only to load the pipes. Most of them are small, so one node can be a tenth of the result. The random trees get the
same inflows in both.

Times were measured on a shared machine (load {load}): the quickest of {calls} calls of `screen`, and one run of the
engine on one core; for the trees, the sum of all 20. In small networks most of the screening's time is fixed:
reading tables. *Left over* is water that neither overflowed nor flowed out in the screening, *lost* is water that
the engine lost or made, both in % of the inflow.

Written by `scripts/validate_screening.py`; no number here is typed by hand.
"""
TREES = """
All nodes of all networks together. The goal for trees is a recall of 0.9 at a precision of 0.7 or more:
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
EXPLAINED = """A node can have several reasons; the first of this order counts: SWMM itself, runoff, close, what
is at the node, neighbours. What was seen when single cases were looked at:

- **Runoff** is the largest share. The impervious share as Ψ leaves out the runoff of pervious ground in a large
  storm, and dry weather flow above its mean: bellinge_small gets a third of the engine's water, every_element less
  than a tenth in design storms, because the engine runs its inflows for the whole simulation. Catchments with their
  own Ψ correct it.
- **Which of the neighbours.** Branches that meet at one node have the same level there, and in the screening all
  overflow a little; in the engine the branch with the lowest ground takes nearly all, and relieves the others.
  Waterlogging points join such neighbours. More sweeps per step change little (F1 of the trees 0.83-0.86).
- **Pipes that fill** take up water and cut the peak; the screening stores nothing. It floods a trunk at its limit
  (user4, DN 2100: its peak is 17 % above that of the rational method), and with the same water it overflows more in
  all than the engine.
- **Basins** with weirs hold the peak back in user2; in the screening they pass it on, and the pipe below overflows.
- **Pumps** take all water that arrives: one that is too small, as at the well of epa_Example8, is not noticed.
- **Weirs** beside a pipe take what the pipe cannot pass at the level of their crest, without a head of their own.
- **Forks and loops**: water is shared by the capacity of the pipes, and the closing pipe of a loop carries nothing.
"""
PEER_LEFT_OUT = """Left out: no Python that has it was given (`--peers`).
"""
PEER = """Of the packages on PyPI that we know, `stormsewer` {version} asks the nearest question: rational method,
Manning, and a grade line from the outfall up that floods a node where it stands above the ground. It is under the
GPL, runs in a process of another Python, and is no part of this project.

It gets what the screening works with: ΨF of each node, storm formula, inlet time, inverts, sections, roughness and
tailwater; a project for each connected part; no losses at nodes. *Finds* are the nodes that each floods. Its time
is the quickest of as many calls, without the start of its process.
"""
PEER_TREES = """All nodes of the trees (†) that it answers together:
"""
PEER_WITHOUT = """Without an answer of it:
"""
PEER_EXPLAINED = """Why they differ:

- **It knows one moment, the peak.** Water that floods a node still runs on in its pipes. So everything below a
  bottleneck gets too much, and the line above it stands too high, in user4 in most of the network. It finds nearly
  all that SWMM floods, and much more. For design that is the safe side; it has no volumes or durations of overflow.
  The screening lets the water out where it rises.
- **Where water is missing, that helps.** bellinge_small gets a third of the engine's water in both; the larger
  flows make up for some of it, and in 2 a and 5 a it is nearer to SWMM than the screening.
- **Trees only.** It refuses a cycle. At a fork it sends the whole flow down each pipe, which makes water (user4 has
  one).
- **Adverse pipes end its line.** The node above one stands at its invert and does not flood.
- **What it has not**: pumps, weirs, orifices, outlets, basins, constant inflows, recorded rain, C above 1, several
  tailwaters in one project. Networks with pumps and the like are not put to it, nor own storms.
- **Units.** With `units: si` it takes metres, hm² (as `area_ac`) and mm/h, and answers in feet and cubic feet a
  second; its full-bore capacities are ours within 0.01 %, its flow of a first pipe is 0.8 % lower, for it leaves
  out the factor 1.008 between acre-inches an hour and cubic feet a second.
"""

COVER = """\
`validation/doubt_cover.py` runs public models by both engines, each in its own rain, with its forks, loops, basins,
pumps and all. Trees make a screening look better than this. Two goals were set for its doubts:

- of the nodes at which the two differ (1 m³ or more in one alone), at least 90 % carry a doubt;
- of the nodes at which they agree, at most 60 % do: a doubt on everything would say nothing.

The doubts were tuned on one half of the models and tried on the other. Models in which the engine itself lost or
made more than a tenth of the water are left out.

On plain trees a doubt must not fall on all that runs full in its design storm. The bounds for trees were chosen by
these: the demo city after its works is dry in 3 a by both, and 601 of its 2,906 judged nodes (21 %) carry a doubt;
on 2018-12-31, when 115 overflow, all 22 nodes at which the two differ do, and 557 (19 %) of those at which they
agree; of 40 random trees 24 of 25, and 30 %.
"""
