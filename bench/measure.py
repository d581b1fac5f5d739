"""Times and sizes of what a worker process does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connections
from django.test import Client

MOST_RUNS, FEWEST_RUNS = 21, 3
PATIENCE, MOST_PATIENCE = 0.8, 2.5
"""Seconds spent on one figure, and at most where the fewest runs take longer."""


@dataclass(frozen=True)
class Page:
    """A page of a program: what to ask for, and the text each of its records has."""

    url: str
    record: str = ""


def repeated(call: Callable[[], object]) -> dict[str, float]:
    """Median milliseconds, also of processor time, of a call made once before."""
    taken: list[tuple[float, float]] = []
    started = time.perf_counter()
    while len(taken) < MOST_RUNS:
        begun = time.perf_counter(), time.process_time()
        call()
        now = time.perf_counter()
        taken.append((now - begun[0], time.process_time() - begun[1]))
        enough = PATIENCE if len(taken) >= FEWEST_RUNS else MOST_PATIENCE
        if now - started > enough:
            break
    wall, cpu = zip(*taken, strict=True)
    return {"ms": median(wall) * 1000, "cpu": median(cpu) * 1000}


def measure_page(client: Client, page: Page) -> dict[str, float]:
    """A page's time in this worker, its queries, bytes and records."""
    with counted_queries() as count:
        response = client.get(page.url)
    if response.status_code != HTTPStatus.OK:
        raise SystemExit(f"{page.url} answered {response.status_code}.")
    text = response.content.decode()
    return {
        **repeated(lambda: client.get(page.url)),
        "queries": count["queries"],
        "bytes": len(response.content),
        "records": text.count(page.record) if page.record else 0,
    }


@contextmanager
def counted_queries() -> Iterator[dict[str, int]]:
    """Count the statements on all databases."""
    count = {"queries": 0}

    def wrapper(execute: Callable[..., Any], *args: Any) -> Any:
        count["queries"] += 1
        return execute(*args)

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(wrapper))
        yield count


@contextmanager
def stopwatch(into: dict[str, float], name: str) -> Iterator[None]:
    """Add the seconds of a block to a dictionary, and those of processor time."""
    started = time.perf_counter(), time.process_time()
    yield
    into[name] = time.perf_counter() - started[0]
    into[f"{name} cpu"] = time.process_time() - started[1]


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    """The median of each figure of several runs."""
    return {name: median(run[name] for run in runs) for name in runs[0]}


def memory(kind: str) -> float:
    """Megabytes of this process: `VmRSS` now, `VmHWM` at most. Linux only; else 0."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(lines[kind].split()[0]) / 1024
