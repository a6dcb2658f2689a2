"""What a water balance takes for granted where nothing is recorded."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from drainage.errors import SchemaError
from drainage.words import in_both


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceTerms:
    """Assumptions of a water balance. Set your own: they decide every figure.

    Parameters
    ----------
    return_share
        Sewage as a share of the water used: 0.9 (GB 50014-2021, 4.1.14: the quota of sewage is 90 % of that of water;
        the practice of surveys goes down to 0.85).
    quota_l
        Water that one person uses in a day, litres, where catchments record people but no water use; None: these stay
        unknown. There is no default: quotas differ by town.
    user_m3d
        Water that one drainage user uses in a day, m³, where only users are counted; None: these stay unknown.
    infiltration_share
        Infiltration into the sewers as a share of the sewage: 0.15, the upper value of 10 to 15 % (GB 50014-2021,
        4.1.13 to 4.1.24).
    sewer_reach_m
        Greatest distance of a catchment from the manhole of a sewer that takes its sewage, if it names none. Our
        choice.
    plant_loss_share
        Part of the inflow of a plant that does not leave it as treated water. 0: nothing is known of it, and nothing is
        taken off.
    plant_reach_m
        Greatest distance between a sewage works and the works at which the reclaimed pipes begin. Our choice.
    most_velocity_m_s
        Velocity that a reclaimed pipe may carry: 2.0, the upper value for pipes under pressure (GB 50014-2021, 5.2).
    wanted_m3d
        Ecological flow that the river wants, m³/d; None: not compared.

    Raises
    ------
    SchemaError
        A value below 0, or a share above 1.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2021-05-07")
    >>> wanted = dr.analyses.BalanceTerms(infiltration_share=0.10)
    >>> [round(dr.analyses.measure_balance(net, terms=one).summary["infiltration_m3d"]) for one in (None, wanted)]
    [6514, 4343]
    """

    return_share: float = 0.9
    quota_l: float | None = None
    user_m3d: float | None = None
    infiltration_share: float = 0.15
    sewer_reach_m: float = 100.0
    plant_loss_share: float = 0.0
    plant_reach_m: float = 500.0
    most_velocity_m_s: float = 2.0
    wanted_m3d: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no share and no amount."""
        for one in fields(self):
            value = getattr(self, one.name)
            if value is None:
                continue
            if not 0.0 <= value < math.inf:
                raise SchemaError(in_both("not_0_or_more", name=one.name, value=value))
            if one.name in {"return_share", "plant_loss_share"} and value > 1.0:
                raise SchemaError(in_both("not_a_share", name=one.name, value=value))
