"""What each operation costs on many records, beside the bare UPDATE of a column."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.measure import stopwatch
from bench.raw import Bare, checkpoint, connect
from bench.table import Figures, table

if TYPE_CHECKING:
    from core.changes import Operation

RECORDS = 100_000


def operations() -> dict[str, tuple[str, Operation]]:
    """Label → a column of the table, and what is done to it."""
    from core.changes import operations as ops

    return {
        "set": ("category", ops.Set("压力测试")),
        "copy from another field": ("category", ops.Copy("mode")),
        "prefix": ("title", ops.Prefix("旧 ")),
        "replace": ("src", ops.Replace("/", "//")),
        "replace by regex, with a group": (
            "title",
            ops.ReplaceRegex(r"(\S+)$", r"<\1>"),
        ),
        "swap path prefix": ("src", ops.SwapPath("/", "/elsewhere")),
        "upper case": ("src", ops.Case("upper")),
        "add": ("tmdbid", ops.Add(1)),
        "sequence": ("tvdbid", ops.Sequence(1, 1)),
        "toggle": ("status", ops.Toggle()),
        "shift a timestamp": ("date", ops.Shift(3600)),
        "add to a list": ("files", ops.ListAdd(["/more"])),
        "set a path in JSON": ("src_fileitem", ops.SetPath("storage", "other")),
    }


def measure(path: Path, by: Any) -> Figures:
    """Seconds of plan, apply and undo of each, and of the bare UPDATE between them."""
    figures: Figures = {}
    with closing(connect(path)) as file:
        bare = Bare(file, RECORDS)
        for label, (column, operation) in operations().items():
            figures[label] = _run(bare, column, operation, by)
    return figures


def _run(bare: Bare, column: str, operation: Operation, by: Any) -> dict[str, float]:
    from core.changes import Selection, apply, plan, undo
    from history.models import TransferHistory

    taken = bare.update()
    selection = Selection(TransferHistory, filter={"date__gte": bare.since})
    with stopwatch(taken, "plan"):
        made = plan(TransferHistory, {column: operation}, selection=selection, by=by)
    with stopwatch(taken, "apply"):
        change_set = apply(made, by=by, skip_invalid=True)
    if not change_set.changed:
        raise SystemExit(f"bench: {operation.name} changes nothing.")
    checkpoint(bare.file)
    with stopwatch(taken, "undo"):
        undone = undo(change_set, by=by).change_set
    checkpoint(bare.file)
    if undone.changed != change_set.changed:
        raise SystemExit(f"bench: {operation.name} was not taken back.")
    return {**taken, "changed": change_set.changed}


def lines(size: int, figures: Figures) -> Iterator[str]:
    """The figures as a table."""
    yield f"### Operations on {RECORDS:,} of {size:,} records: seconds × bare UPDATE"
    yield ""
    rows = [
        [
            label,
            f"{each['changed']:,.0f}",
            *(
                f"{each[step]:.2f} ×{each[step] / each['bare']:.1f}"
                for step in ("plan", "apply", "undo")
            ),
        ]
        for label, each in figures.items()
    ]
    yield from table(["operation", "changed", "plan", "apply", "undo"], rows)
