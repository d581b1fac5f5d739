"""The console's side, in a process of its own.

`python -m bench.console TASK FILE [RECORDS]`, in the environment that
bench.run makes, prints figures as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import django
from django.db import connections
from django.test import Client
from django.urls import reverse

from bench import beside, configuration, exchange, operations
from bench.measure import Page, measure_page, medians, memory, stopwatch
from bench.pages import SEARCHES, Place
from bench.raw import Bare, checkpoint, connect, find_place
from bench.writer import second_writer

if TYPE_CHECKING:
    from core.models import Operator

NEW = "压力测试"
"""The category that is set; no record has it before."""
RECORD = 'name="selected"'
RUNS = 3


def operator() -> Operator:
    """Who does the work."""
    from core.models import Operator

    found = Operator.objects.filter(username="bench").first()
    return found or Operator.objects.create_superuser("bench")


# --- Lists


def measure_lists(path: Path) -> dict[str, Any]:
    """Every page, signed in."""
    client = signed_in()
    pages = {
        name: measure_page(client, page)
        for name, page in pages_of(find_place(path)).items()
    }
    return {"pages": pages, "rss": memory("VmRSS")}


def signed_in() -> Client:
    """A browser in front of the console."""
    client = Client(headers={"host": "localhost"})
    client.force_login(operator(), "django.contrib.auth.backends.ModelBackend")
    return client


def pages_of(place: Place) -> dict[str, Page]:
    """The addresses of the pages."""
    from core.opers.keyset import Cursor

    url = reverse("admin:history_transferhistory_changelist")
    record = reverse("admin:history_transferhistory_change", args=[place.record_id])
    after = urlencode({"after": Cursor(place.date, place.record_id)})
    pages = {
        "first": Page(url, RECORD),
        "deep": Page(f"{url}?{after}", RECORD),
        "status": Page(f"{url}?status=0", RECORD),
        "last": Page(f"{url}?o=date&last=1", RECORD),
        "status count": Page(f"{url}count/?status=0"),
        "home": Page(reverse("admin:index")),
        "record": Page(record),
    }
    for name, text in SEARCHES.items():
        pages[name] = Page(f"{url}?{urlencode({'q': text})}", RECORD)
    query = urlencode({"q": SEARCHES["chinese"]})
    pages["chinese count"] = Page(f"{url}count/?{query}")
    return pages


# --- Changes


@dataclass
class Holds:
    """How long each transaction holds MoviePilot's write lock, in milliseconds."""

    all: list[float] = field(default_factory=list)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch the console's connection to MoviePilot's database."""
        connection: Any = connections["moviepilot"]
        # Django tells nobody when a transaction begins or has ended.
        begin = connection._start_transaction_under_autocommit  # noqa: SLF001
        commit = connection._commit  # noqa: SLF001
        connection._start_transaction_under_autocommit = self._started(begin)  # noqa: SLF001
        connection._commit = self._ended(commit)  # noqa: SLF001
        try:
            yield
        finally:
            connection._start_transaction_under_autocommit = begin  # noqa: SLF001
            connection._commit = commit  # noqa: SLF001

    def _started(self, begin: Callable[[], None]) -> Callable[[], None]:
        def wrapper() -> None:
            begin()
            self.since = time.perf_counter()

        return wrapper

    def _ended(self, commit: Callable[[], None]) -> Callable[[], None]:
        def wrapper() -> None:
            commit()
            self.all.append((time.perf_counter() - self.since) * 1000)

        return wrapper


def measure_bulk(path: Path, records: int) -> dict[str, Any]:
    """Set one field of the newest records and undo it; in between the bare UPDATE."""
    from core.changes import Set

    by, holds = operator(), Holds()
    with closing(connect(path)) as file, holds.watched():
        bare = Bare(file, records)
        work = Work(bare, records, by, {"category": Set(NEW)})
        bare.update()
        runs = [work.run() | bare.update() for _ in range(RUNS)]
        alone = max(holds.all)
        with second_writer(path) as waits:
            work.run()
    figures = {**medians(runs), "hold": alone, **waits}
    return {**figures, "hold beside": max(holds.all), "rss": memory("VmHWM")}


def measure_delete(path: Path, records: int) -> dict[str, Any]:
    """Delete the newest records and undo it."""
    from core.changes import Delete

    by, holds = operator(), Holds()
    with closing(connect(path)) as file, holds.watched():
        bare = Bare(file, records)
        work = Work(bare, records, by, Delete())
        runs = [work.run() | bare.delete() for _ in range(RUNS)]
    return {**medians(runs), "hold": max(holds.all), "rss": memory("VmHWM")}


@dataclass
class Work:
    """Something to do to the newest records, and to take back."""

    bare: Bare
    records: int
    by: Operator
    operations: Any

    def run(self) -> dict[str, float]:
        """Seconds of plan, apply and undo. Stops the benchmark if one did not do it."""
        from core.changes import Selection, apply, plan, undo
        from history.models import TransferHistory

        taken: dict[str, float] = {}
        selection = Selection(TransferHistory, filter={"date__gte": self.bare.since})
        checkpoint(self.bare.file)
        with stopwatch(taken, "plan"):
            made = plan(
                TransferHistory, self.operations, selection=selection, by=self.by
            )
        with stopwatch(taken, "apply"):
            change_set = apply(made, by=self.by)
        check(change_set.changed == self.records)
        check(self.bare.count(NEW) == self.bare.count())
        checkpoint(self.bare.file)
        with stopwatch(taken, "undo"):
            undone = undo(change_set, by=self.by).change_set
        check(undone.changed == self.records)
        check((self.bare.count(NEW), self.bare.count()) == (0, self.records))
        return taken


def check(is_done: bool) -> None:  # noqa: FBT001  what assert takes
    """Stop the benchmark where the work was not done: its times would mean nothing."""
    if not is_done:
        raise SystemExit("The change was not made as it was planned.")


def main(task: str, path: Path, records: int) -> None:
    """Do one task."""
    django.setup()
    if task.startswith("profile "):
        from bench.profiling import profile

        profile(task.removeprefix("profile "), path, records)
        print("{}")
        return
    tasks: dict[str, Callable[[], dict[str, Any]]] = {
        "lists": lambda: measure_lists(path),
        "bulk": lambda: measure_bulk(path, records),
        "delete": lambda: measure_delete(path, records),
        "configuration": lambda: configuration.measure(path),
        "operations": lambda: operations.measure(path, operator()),
        "import": lambda: exchange.measure_import(path, operator()),
        "export": lambda: exchange.measure_export(path),
        "remap": lambda: exchange.measure_remap(path, operator()),
        "beside": lambda: beside.measure(path, operator()),
    }
    print(json.dumps(tasks[task]()))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int((sys.argv[3:] or "0")[0]))
