"""The figures as Markdown tables."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from unicodedata import east_asian_width

import django

from bench.pages import PAGES, Place

Figures = dict[str, Any]
NONE = "–"
CHANGE_HEAD = (
    "program",
    "plan",
    "apply",
    "undo",
    "longest hold of the lock, ms",
    "peak RSS, MB",
)


def machine() -> str:
    """What was measured on, in one line."""
    parts = [
        f"{datetime.now().astimezone():%Y-%m-%d}",
        f"{os.cpu_count()} cores",
        f"load {os.getloadavg()[0]:.1f}",
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
        f"Django {django.__version__}",
    ]
    return ", ".join(parts)


def lists_table(
    place: Place, raw: Figures, console: Figures, plain: Figures
) -> Iterator[str]:
    """Pages of all programs: median milliseconds (of processor time), queries, kB."""
    yield f"### Pages, {place.count:,} records: ms (CPU), queries, kB"
    yield ""
    rows = [
        [
            label.format(middle=place.middle),
            *(_page(pages.get(name)) for pages in _programs(console, plain)),
            _times(raw.get(name)),
        ]
        for name, label in PAGES.items()
    ]
    rows.append(["worker RSS, MB", *_memory(console, plain), NONE])
    head = ["page", "mpadmin", "plain admin, tuned", "plain admin", "raw SQL"]
    yield from table(head, rows)


def _programs(console: Figures, plain: Figures) -> list[Figures]:
    return [console["pages"], plain["tuned"], plain["box"]]


def _memory(console: Figures, plain: Figures) -> list[str]:
    return [f"{each['rss']:.0f}" for each in (console, plain, plain)]


def _page(figures: Figures | None) -> str:
    if figures is None:
        return NONE
    size = figures["bytes"] / 1000
    return f"{_times(figures)} · {figures['queries']} q · {size:.0f} kB"


def _times(figures: Figures | None) -> str:
    if figures is None:
        return NONE
    return f"{_ms(figures['ms'])} ({_ms(figures['cpu'])})"


def bulk_table(
    size: int, done: Sequence[tuple[int, Figures, Figures]]
) -> Iterator[str]:
    """Set one field."""
    yield f"### Setting one field, table of {size:,}: seconds (CPU) × bare UPDATE"
    yield ""
    rows = [
        [f"{records:,}", *row]
        for records, console, plain in done
        for row in _bulk_rows(console, plain)
    ]
    yield from table(["records", *CHANGE_HEAD], rows)
    yield ""
    for records, console, _plain in done:
        yield (
            f"MoviePilot writing all the time beside the {records:,}: it waited "
            f"{_ms(console['wait'])} ms at most in {console['writes']:,} writes."
        )


def _bulk_rows(console: Figures, plain: Figures) -> Iterator[list[str]]:
    bare = console["bare"]
    yield _console_row(console)
    yield _change_row("bare UPDATE", console, "bare", bare)
    yield _change_row("plain admin, queryset.update()", plain, "update", bare)
    save = _change_row("plain admin, save and log each", plain, "save", bare)
    told = "≈ " if plain["is_told"] else ""
    yield [*save[:2], told + save[2], *save[3:-1], f"{plain['rss']:.0f}"]


def delete_table(
    size: int, records: int, console: Figures, plain: Figures
) -> Iterator[str]:
    """Delete many."""
    yield f"### Deleting {records:,} of {size:,}: seconds (CPU) × bare DELETE"
    yield ""
    bare = console["bare"]
    action = _change_row("plain admin, delete action", plain, "delete", bare)
    rows = [
        _console_row(console),
        _change_row("bare DELETE", console, "bare", bare),
        [*action[:-1], f"{plain['rss']:.0f}"],
    ]
    yield from table(CHANGE_HEAD, rows)


def _console_row(figures: Figures) -> list[str]:
    times = [
        _seconds(figures, name, figures["bare"]) for name in ("plan", "apply", "undo")
    ]
    return ["mpadmin", *times, _ms(figures["hold"]), f"{figures['rss']:.0f}"]


def _change_row(label: str, figures: Figures, name: str, bare: float) -> list[str]:
    """A program that does it in one transaction and knows no plan and no undo."""
    hold = _ms(figures[name] * 1000)
    return [label, NONE, _seconds(figures, name, bare), NONE, hold, NONE]


def _seconds(figures: Figures, name: str, bare: float) -> str:
    seconds, cpu = figures[name], figures[f"{name} cpu"]
    return f"{seconds:.2f} ({cpu:.2f}) ×{seconds / bare:.1f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A Markdown table that can be read as text too."""
    widths = [max(map(_width, column)) for column in zip(head, *rows, strict=True)]
    for line in (head, ["-" * width for width in widths], *rows):
        cells = [
            cell + " " * (width - _width(cell))
            for cell, width in zip(line, widths, strict=True)
        ]
        yield f"| {' | '.join(cells)} |"


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _ms(value: float) -> str:
    return f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"
