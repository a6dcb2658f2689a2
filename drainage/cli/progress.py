"""How far long work is, on standard error, where somebody looks at it; gone when it is done."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def shown(work: str, *, steps: int = 0, at_once: bool = True) -> Iterator[Callable[[float], None]]:
    """Yield a function that takes the share that is done, 0-1; nothing is shown if standard error is not a terminal.

    Parameters
    ----------
    work
        Name of the question or command; a name of its own stays as it is.
    steps
        Of how many the work is, where they are counted instead of per cent.
    at_once
        Whether the bar is there from the beginning; else it is when something is done, which may never be.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from drainage.telling.printable import printable
    from drainage.words import language, title

    how_far = MofNCompleteColumn() if steps else TextColumn("{task.percentage:.0f} %")
    columns = (TextColumn("{task.description}"), BarColumn(), how_far, TimeElapsedColumn())
    total = steps or 1
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(printable(title(work, language())), total=total)

    def show(done: float) -> None:
        bar.start()
        bar.update(task, completed=round(done * total) if steps else done)

    if at_once:
        bar.start()
    try:
        yield show
    finally:
        bar.stop()
