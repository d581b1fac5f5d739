"""Where the console's time goes: `python -m bench --profile list|plan|apply|undo`.

Prints functions by their own processor time. The profiler makes Python code several
times slower and leaves SQL as it is, so read the shares, not the seconds.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.console import NEW, operator, pages_of, signed_in
from bench.raw import connect, find_place, since

SHOWN = 45
REPEATS = 20


def profile(task: str, path: Path, records: int) -> None:
    """Profile one task on a copy of the database."""
    if task == "list":
        _profile_list(path)
    else:
        _profile_change(task, path, records)


def _profile_list(path: Path) -> None:
    client, page = signed_in(), pages_of(find_place(path))["first"]
    client.get(page.url)
    with _profiled():
        for _ in range(REPEATS):
            client.get(page.url)


def _profile_change(task: str, path: Path, records: int) -> None:
    from core.changes import Selection, Set, apply, plan, undo
    from history.models import TransferHistory

    with closing(connect(path)) as file:
        start = since(file, records)
    by = operator()
    selection = Selection(TransferHistory, filter={"date__gte": start})
    with _profiled(is_wanted=task == "plan"):
        made = plan(TransferHistory, {"category": Set(NEW)}, selection=selection, by=by)
    with _profiled(is_wanted=task == "apply"):
        change_set = apply(made, by=by)
    with _profiled(is_wanted=task == "undo"):
        undo(change_set, by=by)


@contextmanager
def _profiled(*, is_wanted: bool = True) -> Iterator[None]:
    if not is_wanted:
        yield
        return
    with cProfile.Profile(time.process_time) as profiler:
        yield
    for order in ("tottime", "cumulative"):
        stats = pstats.Stats(profiler, stream=sys.stderr)
        stats.sort_stats(order).print_stats(SHOWN)
