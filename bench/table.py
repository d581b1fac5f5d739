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
    """Pages of all programs: median (best) milliseconds, queries, kB."""
    yield f"### Pages, {place.count:,} records: median (best) ms, queries, kB"
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
    return f"{_ms(figures['ms'])} ({_ms(figures['best'])})"


def bulk_table(
    size: int, done: Sequence[tuple[int, Figures, Figures]]
) -> Iterator[str]:
    """Set one field: seconds, and how many times a bare UPDATE they are."""
    yield f"### Setting one field, table of {size:,}: seconds (× bare UPDATE)"
    yield ""
    head = ["records", "program", "plan", "apply", "undo"]
    rows = [row for each in done for row in _bulk_rows(*each)]
    yield from table([*head, "longest hold of the lock, ms", "peak RSS, MB"], rows)
    yield ""
    for records, console, _plain in done:
        yield (
            f"MoviePilot writing all the time beside the {records:,}: it waited "
            f"{_ms(console['wait'])} ms at most in {console['writes']:,} writes."
        )


def _bulk_rows(records: int, console: Figures, plain: Figures) -> Iterator[list[str]]:
    bare, count = console["bare"], f"{records:,}"
    save = _seconds(plain["save"], bare)
    yield [
        count,
        "mpadmin",
        *(_seconds(console[name], bare) for name in ("plan", "apply", "undo")),
        _ms(console["hold"]),
        f"{console['rss']:.0f}",
    ]
    yield [count, "bare UPDATE", NONE, f"{bare:.2f}", NONE, _ms(bare * 1000), NONE]
    yield [
        count,
        "plain admin, queryset.update()",
        NONE,
        _seconds(plain["update"], bare),
        NONE,
        _ms(plain["update"] * 1000),
        NONE,
    ]
    yield [
        count,
        "plain admin, save and log each",
        NONE,
        f"≈ {save}" if plain["is_extrapolated"] else save,
        NONE,
        _ms(plain["save"] * 1000),
        f"{plain['rss']:.0f}",
    ]


def delete_table(
    size: int, records: int, console: Figures, plain: Figures
) -> Iterator[str]:
    """Delete many: seconds, and how many times a bare DELETE they are."""
    yield f"### Deleting {records:,} of {size:,} records: seconds (× bare DELETE)"
    yield ""
    bare = console["bare"]
    delete = plain["delete"]
    figures = [_seconds(console[name], bare) for name in ("plan", "apply", "undo")]
    rows = [
        ["mpadmin", *figures, _ms(console["hold"]), f"{console['rss']:.0f}"],
        ["bare DELETE", NONE, f"{bare:.2f}", NONE, _ms(bare * 1000), NONE],
        [
            "plain admin, delete action",
            NONE,
            _seconds(delete, bare),
            NONE,
            _ms(delete * 1000),
            f"{plain['rss']:.0f}",
        ],
    ]
    head = ["program", "plan", "apply", "undo", "longest hold of the lock, ms"]
    yield from table([*head, "peak RSS, MB"], rows)


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


def _seconds(value: float, bare: float) -> str:
    return f"{value:.2f} (×{value / bare:.1f})"
