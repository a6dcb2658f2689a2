"""The states of a submission, and what leads from one to another: one table, by which everything is decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

State = Literal["received", "checked", "computed", "accepted", "returned", "withdrawn", "failed"]
Act = Literal[
    "receive", "check", "compute", "fail", "retry", "accept", "return", "appeal", "withdraw", "rebase",
]  # fmt: skip

STATES: Final[tuple[State, ...]] = get_args(State)
#: What is done → from which state → to which. An acceptance is final; so is a withdrawal.
MOVES: Final[Mapping[Act, Mapping[State, State]]] = {
    "check": {"received": "checked"},
    "compute": {"checked": "computed"},
    "fail": {"received": "failed", "checked": "failed"},
    "retry": {"failed": "received"},
    "accept": {"computed": "accepted"},
    "return": {"computed": "returned"},
    "appeal": {"returned": "computed"},
    "withdraw": {"received": "withdrawn", "checked": "withdrawn", "computed": "withdrawn"},
    "rebase": {"received": "received", "checked": "received", "computed": "received"},
}
#: Not decided yet: an acceptance of another one puts these on the new version.
OPEN: Final[tuple[State, ...]] = ("received", "checked", "computed")
#: Still to be computed: of these a key has only so many at a time.
WAITING: Final[tuple[State, ...]] = ("received", "checked")
#: What a sender may send in anew, and name as the one before.
SENT_BACK: Final[tuple[State, ...]] = ("returned", "failed", "withdrawn")
#: Acts of which the sender is told.
TOLD: Final[frozenset[Act]] = frozenset({"accept", "return", "fail", "rebase"})


class NotNow(Exception):  # noqa: N818 - nothing went wrong: it is too late or too early
    """What was asked for cannot be done in the state in which a submission is.

    Parameters
    ----------
    act, state
        What, and in which.
    """

    def __init__(self, act: Act, state: State) -> None:
        """Keep both."""
        super().__init__(f"{act}: {state}")
        self.act, self.state = act, state


def after(act: Act, state: State) -> State:
    """Return the state to which something leads.

    Raises
    ------
    NotNow
        It cannot be done in this state.
    """
    try:
        return MOVES[act][state]
    except KeyError:
        raise NotNow(act, state) from None
