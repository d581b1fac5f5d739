"""How long a second program has to wait for the lock while the console works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.exchange import ROWS, changed_rows, planned_import
from bench.measure import stopwatch
from bench.raw import checkpoint, connect, since
from bench.table import Figures, table
from bench.writer import second_writer

EDITED, DELETED = 100_000, 40_000


def measure(path: Path, by: Any) -> Figures:
    """Each step beside a writer of its own, so that each has its own longest wait."""
    from core.changes import Delete, Selection, Set, apply, plan, undo
    from history.models import TransferHistory

    def newest(doing: Any, records: int) -> Any:
        with closing(connect(path)) as file:
            stamp = since(file, records)
        selection = Selection(TransferHistory, filter={"date__gte": stamp})
        return plan(TransferHistory, doing, selection=selection, by=by)

    def imported() -> Any:
        with closing(connect(path)) as file:
            return planned_import(*changed_rows(file, [], "import"), by)

    plans: dict[str, Callable[[], Any]] = {
        f"set one field of {EDITED:,}": lambda: newest(
            {"category": Set("压力测试")}, EDITED
        ),
        f"delete {DELETED:,}": lambda: newest(Delete(), DELETED),
        f"import {ROWS:,} rows": imported,
    }
    figures: Figures = {}
    for label, make in plans.items():
        made, done = make(), []
        figures[label] = _beside(path, lambda: done.append(apply(made, by=by)))  # noqa: B023
        figures[f"undo: {label}"] = _beside(path, lambda: undo(done[0], by=by))  # noqa: B023
    return figures


def _beside(path: Path, call: Callable[[], object]) -> Figures:
    with closing(connect(path)) as file:
        checkpoint(file)
    taken: dict[str, float] = {}
    with second_writer(path) as waits, stopwatch(taken, "seconds"):
        call()
    return {**taken, **waits}


def lines(size: int, figures: Figures) -> Iterator[str]:
    """The figures as a table."""
    yield f"### Beside a program that writes every 5 ms, {size:,} records"
    yield ""
    rows = [
        [label, f"{each['seconds']:.2f}", f"{each['wait']:.0f}", f"{each['writes']:,}"]
        for label, each in figures.items()
    ]
    head = ["step", "seconds", "its longest wait, ms", "its writes"]
    yield from table(head, rows)
