"""Import and export as django-import-export does them on the same table."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import tablib
from import_export import resources

from bench.exchange import ROWS, changed_rows
from bench.measure import counted_queries, medians, memory, stopwatch
from bench.plain.models import TransferHistory
from bench.raw import connect

RUNS = 2
EXPORTED = 100_000
"""Records exported at most; it keeps all of them in memory."""


class TransferResource(resources.ModelResource):
    """The table, as anybody would declare it."""

    class Meta:
        model = TransferHistory
        skip_unchanged = True
        report_skipped = False


class FewColumns(TransferResource):
    """What a file of three columns has."""

    class Meta:
        fields: ClassVar = ("id", "category", "title")


def measure_import(path: Path) -> dict[str, Any]:
    """Preview and import rows that change one field each, of 3 columns and of all."""
    with closing(connect(path)) as file:
        return {
            "few": _import(FewColumns(), file, ["id", "category", "title"]),
            "all": _import(TransferResource(), file, []),
            "rss": memory("VmHWM"),
        }


def _import(
    resource: TransferResource, file: sqlite3.Connection, columns: list[str]
) -> dict[str, float]:
    runs = []
    for number in range(RUNS):
        head, rows = changed_rows(file, columns, f"run {number}")
        data = tablib.Dataset(*rows, headers=head)
        taken: dict[str, float] = {}
        with counted_queries() as count:
            with stopwatch(taken, "preview"):
                resource.import_data(data, dry_run=True, raise_errors=True)
            with stopwatch(taken, "apply"):
                done = resource.import_data(data, dry_run=False, raise_errors=True)
        if done.totals["update"] != ROWS:
            raise SystemExit("The rows were not imported.")
        runs.append({**taken, "queries": count["queries"]})
    return medians(runs)


def measure_export(path: Path) -> dict[str, Any]:
    """Export as CSV what fits into memory."""
    few = min(TransferHistory.objects.count(), EXPORTED)
    before, taken = memory("VmRSS"), dict[str, float]()
    with stopwatch(taken, "seconds"):
        queryset = TransferHistory.objects.order_by("-id")[:few]
        text = TransferResource().export(queryset).csv
    growth = memory("VmHWM") - before
    return {**taken, "records": few, "bytes": len(text.encode()), "growth": growth}
