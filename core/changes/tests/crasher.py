"""Processes that die, or are held up, at a chosen step of a change.

In a process of its own, `main` reads orders as lines of JSON, carries each out in a
fork (Django takes too long to start for one process a step), and answers with a line.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POINTS = ("begin", "decide", "journal", "write", "commit", "mark", "marked", "finish")
"""Where to die: before this step, or after the last mark of a batch (`marked`)."""


def main() -> None:
    """Carry out orders until there are no more."""
    for line in sys.stdin:
        order = json.loads(line)
        if pid := order.get("go_on"):
            os.kill(pid, signal.SIGCONT)
        else:
            pid = os.fork()
            if not pid:
                carry_out(order)
        _pid, status = os.waitpid(pid, os.WUNTRACED)
        print(json.dumps({"pid": pid, "outcome": outcome(status)}), flush=True)  # noqa: T201


def outcome(status: int) -> str:
    """`killed`, `stopped`, or `exit` and the code."""
    if os.WIFSTOPPED(status):
        return "stopped"
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return "killed" if killed else f"exit {os.waitstatus_to_exitcode(status)}"


def carry_out(order: dict[str, Any]) -> None:
    """In the fork: open the order's databases, do its job, and leave."""
    code = 1
    try:
        for alias, database in order["databases"].items():
            connections.settings[alias] = database
            connections[alias] = connections.create_connection(alias)
        die_at(order["point"], order["batch"], getattr(signal, order["signal"]))
        JOBS[order["job"]](*order["arguments"])
        code = 0
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent is told
        traceback.print_exc()
        code = 2 if type(error).__name__ == "TakenOver" else 1
    finally:
        os._exit(code)


def die_at(point: str, batch: int, with_signal: int) -> None:
    """Arrange to be sent the signal at this point of the batch of this number."""
    from core.changes import run

    def reach(name: str) -> Callable[[], None]:
        passed = count(1)

        def reached() -> None:
            if name == point and next(passed) == batch:
                os.kill(os.getpid(), with_signal)

        return reached

    run.Pace.size = run.Pace.smallest = run.Pace.largest = 50
    run.write_transaction = _transaction(run.write_transaction, reach)  # type: ignore[assignment]
    run.journal = _around(run.journal, reach("journal"), reach("write"))
    run.write_decision = _around(run.write_decision, _nothing, reach("commit"))
    run.mark = _around(run.mark, reach("mark"), reach("marked"))
    run.finish = _around(run.finish, reach("finish"), _nothing)


def _nothing() -> None:
    pass


def _around(
    function: Callable[..., Any], before: Callable[[], None], after: Callable[[], None]
) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        before()
        result = function(*args, **kwargs)
        after()
        return result

    return wrapped


def _transaction(
    original: Callable[..., Any], reach: Callable[[str], Callable[[], None]]
) -> Callable[..., Any]:
    begin, decide = reach("begin"), reach("decide")

    @contextmanager
    def wrapped() -> Iterator[Any]:
        begin()
        with original() as connection:
            decide()
            yield connection

    return wrapped


def edit() -> None:
    """Set the text of all messages."""
    from core.changes import Set, apply, plan
    from core.models import Message

    apply(plan(Message, {"text": Set("after")}))


def delete() -> None:
    """Delete all messages."""
    from core.changes import Delete, apply, plan
    from core.models import Message

    apply(plan(Message, Delete()))


def delete_sites() -> None:
    """Delete all sites, and what belongs to them."""
    from core.changes import Delete, apply, plan
    from sites.models import Site

    apply(plan(Site, Delete(["icon"])))


def create(number: int) -> None:
    """Create so many messages."""
    from core.changes import create_records
    from core.models import Message

    create_records(Message, [{"text": "after", "title": "n"} for _ in range(number)])


def take_back(pk: int, entries: list[int] | None = None) -> None:
    """Undo a change set, or these entries of it."""
    from core.changes import ChangeSet, undo

    undo(ChangeSet.objects.get(pk=pk), entries=entries)


def import_rows(text: str) -> None:
    """Import messages from a file."""
    from core.changes import apply
    from core.changes.tests.support import plan_import
    from core.models import Message

    apply(plan_import(Message, text))


def remap() -> None:
    """Put another prefix in place of /media/a, in every table."""
    from core.changes import apply
    from core.changes.remap import Remap, plan_remap

    apply(plan_remap(Remap("/media/a", "/mnt/b")))


JOBS: dict[str, Callable[..., None]] = {
    "edit": edit,
    "delete": delete,
    "delete_sites": delete_sites,
    "create": create,
    "import": import_rows,
    "undo": take_back,
    "remap": remap,
}
