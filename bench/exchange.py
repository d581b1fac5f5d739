"""Import, export and path remap, and the rows that are imported.

Of each record that is imported one field changes, so that every program has something
to write for every row.
"""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.measure import medians, memory, stopwatch
from bench.raw import checkpoint, connect
from bench.rows import COLUMNS
from bench.table import NONE, Figures, table

if TYPE_CHECKING:
    from core.changes import ChangeSet, Plan

ROWS = 10_000
RUNS = 3
FEW = ["id", "category", "title"]
MEGABYTE = 1_000_000
STREAMED, FEWER = ("csv", "jsonl"), 100_000
"""Formats in which all records are exported; of the others, so many."""


def changed_rows(
    file: sqlite3.Connection, columns: list[str], category: str
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Header and rows of the newest records, with another category each."""
    head = columns or [*COLUMNS]
    place = head.index("category")
    sql = f"SELECT {', '.join(head)} FROM transferhistory ORDER BY id DESC LIMIT ?"  # noqa: S608
    rows = file.execute(sql, [ROWS]).fetchall()
    return head, [(*row[:place], category, *row[place + 1 :]) for row in rows]


# --- Import


def measure_import(path: Path, by: Any) -> Figures:
    """Preview a file, apply the plan, take it back: of 3 columns and of all."""
    with closing(connect(path)) as file:
        return {
            "few": _import(file, FEW, by),
            "all": _import(file, [], by),
            "rss": memory("VmHWM"),
        }


def _import(file: sqlite3.Connection, columns: list[str], by: Any) -> Figures:
    runs = []
    for number in range(RUNS):
        head, rows = changed_rows(file, columns, f"run {number}")
        runs.append(_applied(file, lambda: planned_import(head, rows, by), ROWS, by))  # noqa: B023
    return medians(runs)


def csv_bytes(head: list[str], rows: list[tuple[Any, ...]]) -> bytes:
    """The rows as a file; NULL as the console writes it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([r"\N" if cell is None else cell for cell in row] for row in rows)
    return text.getvalue().encode()


def planned_import(head: list[str], rows: list[tuple[Any, ...]], by: Any) -> Plan:
    """Read the rows as a file, and preview them."""
    from core.changes import Selection, plan
    from core.changes.importing import Import
    from core.exchange.reading import read
    from history.models import TransferHistory

    read_in = read(io.BytesIO(csv_bytes(head, rows)), name="rows.csv", is_sealed=False)
    columns = {name: place for place, name in enumerate(head)}
    return plan(
        TransferHistory,
        Import(read_in.packed, columns),
        selection=Selection(TransferHistory, ids=[]),
        by=by,
    )


def _applied(
    file: sqlite3.Connection, make: Any, expected: int, by: Any
) -> dict[str, float]:
    """Seconds of preview, apply and undo. Stops the benchmark if one did not do it."""
    from core.changes import apply, undo

    taken: dict[str, float] = {}
    with stopwatch(taken, "preview"):
        made = make()
    with stopwatch(taken, "apply"):
        change_set: ChangeSet = apply(made, by=by)
    checkpoint(file)
    with stopwatch(taken, "undo"):
        undone = undo(change_set, by=by).change_set
    checkpoint(file)
    if not change_set.written == undone.written == expected:
        raise SystemExit(f"bench: {change_set.written} records in place of {expected}.")
    return taken


def import_lines(size: int, console: Figures, plain: Figures) -> Iterator[str]:
    """The figures as a table."""
    yield f"### Import: update {ROWS:,} of {size:,} records from CSV, seconds"
    yield ""
    labels = {"few": f"{len(FEW)} columns", "all": f"{len(COLUMNS)} columns"}
    programs = [("mpadmin", console), ("django-import-export", plain)]
    rows = [
        [
            program,
            label,
            *(
                _seconds(figures[name].get(step))
                for step in ("preview", "apply", "undo")
            ),
            f"{figures['rss']:.0f}",
        ]
        for name, label in labels.items()
        for program, figures in programs
    ]
    head = ["program", "file", "preview", "apply", "undo", "peak RSS, MB"]
    yield from table(head, rows)


# --- Export


def measure_export(path: Path) -> Figures:
    """Export records with all columns in each format; the bytes go nowhere."""
    from core.exchange.writing import FORMATS, Export, write
    from core.opers.base import oper_of
    from history.models import TransferHistory

    ids = oper_of(TransferHistory).get_queryset().ids()
    figures: Figures = {}
    for name, format_ in FORMATS.items():
        chosen = ids if name in STREAMED else ids[:FEWER]
        made, before = Export(TransferHistory, COLUMNS, chosen), memory("VmRSS")
        taken: dict[str, float] = {}
        with stopwatch(taken, "seconds"):
            size = sum(map(len, write(made, format_)))
        growth = memory("VmHWM") - before
        count = len(chosen)
        figures[name] = {**taken, "records": count, "bytes": size, "growth": growth}
    return figures


def export_lines(console: Figures, plain: Figures) -> Iterator[str]:
    """The figures as a table."""
    yield f"### Export, {len(COLUMNS)} columns"
    yield ""
    rows = [_export_row("mpadmin", name, each) for name, each in console.items()]
    rows.append(_export_row("django-import-export", "csv", plain))
    head = ["program", "format", "records", "seconds", "MB", "growth of RSS, MB"]
    yield from table(head, rows)


def _export_row(program: str, name: str, figures: Figures) -> list[str]:
    size, growth = figures["bytes"] / MEGABYTE, figures["growth"]
    count, seconds = f"{figures['records']:,}", _seconds(figures["seconds"])
    return [program, name, count, seconds, f"{size:,.0f}", f"{growth:,.0f}"]


# --- Path remap


def measure_remap(path: Path, by: Any) -> Figures:
    """Move everything under one folder, in all tables: about one record in ten."""
    from core.changes.remap.action import Remap, plan_remap

    with closing(connect(path)) as file:
        sql = "SELECT count(*) FROM transferhistory WHERE dest LIKE ?"
        old, new = "/media/电影/华语电影", "/volume2/华语电影"
        [(expected,)] = file.execute(sql, [f"{old}/%"])
        runs = [
            _applied(file, lambda: plan_remap(Remap(old, new), by=by), expected, by)
        ]
    return {**medians(runs), "records": expected, "rss": memory("VmHWM")}


def remap_lines(size: int, console: Figures) -> Iterator[str]:
    """The figures as a table."""
    yield f"### Path remap over all tables, {size:,} transfers: seconds"
    yield ""
    row = [
        f"{console['records']:,}",
        *(_seconds(console[step]) for step in ("preview", "apply", "undo")),
        f"{console['rss']:.0f}",
    ]
    yield from table(["records", "preview", "apply", "undo", "peak RSS, MB"], [row])


def _seconds(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"
