"""How far long work is, on standard error, where somebody looks at it; gone when it is done."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def shown(work: str) -> Iterator[Callable[[float], None]]:
    """Give a function that takes the share that is done, 0-1; nothing is shown where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from drainage.cli.terminal import printable
    from drainage.cli.wording import spoken

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"),
               TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(printable(spoken(work)), total=1.0)
        yield lambda done: bar.update(task, completed=done)
