"""What works did: to every waterlogging point, misconnection, road and outfall, and which works settled which point.

Definition.  A *piece of work* is a group of changed pipes that touch each other on one road, the old with the new that
took their place.  A point is *solved* where it is not there any more, or within the standard where it was not, in the
same storm by the same engine.  A piece of work *settled* a point if it is the only one in the part of the network that
hangs together with it; where there are several, the storm is run with one of them taken back, and with only one done.
"""

from drainage.analyses.outcome.put_together import measure_outcome

__all__ = ["measure_outcome"]
