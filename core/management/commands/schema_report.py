"""`schema_report`: which of MoviePilot's tables the console can work with."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand
from django.db import connections

from core.schema import Recognition, TableReport, inspect, recognise

if TYPE_CHECKING:
    from argparse import ArgumentParser

MOVIEPILOT = "moviepilot"


class Command(BaseCommand):
    """Reads only; exit code 1 when a table cannot be used."""

    help = "Compares the attached database with MoviePilot's schema, table by table."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's declaration

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --json."""
        parser.add_argument("--json", action="store_true", help="Print JSON.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the report."""
        connection = connections[MOVIEPILOT]
        recognition, reports = recognise(connection), inspect(connection)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(recognition, reports), indent=2))
        else:
            self._write(recognition, reports)
        if not all(report.is_usable for report in reports.values()):
            sys.exit(1)

    def _write(self, recognition: Recognition, reports: dict[str, TableReport]) -> None:
        self.stdout.write(describe_database(recognition))
        for report in reports.values():
            rows = "-" if report.rows is None else f"{report.rows:,}"
            style = self.style.SUCCESS if report.is_usable else self.style.ERROR
            line = f"{report.table:<16} {rows:>12}  {describe(report)}"
            self.stdout.write(style(line))


def as_json(
    recognition: Recognition, reports: dict[str, TableReport]
) -> dict[str, Any]:
    """Return the report as plain values."""
    return {
        "database": recognition.kind.value,
        "revision": recognition.revision,
        "version": recognition.version,
        "tables": {name: _table(report) for name, report in reports.items()},
    }


def describe_database(recognition: Recognition) -> str:
    """Say in one line what kind of database it is."""
    if recognition.revision is None:
        return f"Database: {recognition.kind.value}, no Alembic revision"
    version = recognition.version or "unknown version"
    return (
        f"Database: {recognition.kind.value}, "
        f"Alembic revision {recognition.revision} ({version})"
    )


def describe(report: TableReport) -> str:
    """Say in one line what a table has and lacks."""
    if not report.exists:
        return "missing table"
    parts = []
    if report.missing:
        columns = (f"{c.name} ({c.since or 'unknown version'})" for c in report.missing)
        parts.append("missing columns: " + ", ".join(columns))
    if report.extra:
        parts.append("extra columns: " + ", ".join(report.extra))
    return "; ".join(parts) or "complete"


def _table(report: TableReport) -> dict[str, Any]:
    return {
        "exists": report.exists,
        "usable": report.is_usable,
        "rows": report.rows,
        "missing": {column.name: column.since for column in report.missing},
        "extra": list(report.extra),
        "needed_version": report.needed_version,
    }
