"""`serve` runs the server and its workers, and leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from core.changes import ChangeSet, Selection, Set, State, claim, plan
from core.changes.tasks import enqueue
from core.changes.tests.support import add_messages
from core.models import Message
from core.startup.databases import disconnect
from core.tests.support import live
from core.tests.support.servers import free_port

PATIENCE = 90


class Served:
    """A console that `serve` runs, in a process group of its own."""

    def __init__(self, library, console, folder, **values):
        self.port, self.log = free_port(), folder / "log"
        self.variables = live.console_environment(
            library, console, folder / "data", MPADMIN_PORT=str(self.port), **values
        )
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                live.command("serve"),
                env=self.variables,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        live.wait_for(f"http://127.0.0.1:{self.port}/", self.process, self.log)

    def running(self, *words):
        """The processes of its session whose command line has these words."""
        return [
            pid
            for pid in map(int, filter(str.isdigit, os.listdir("/proc")))  # noqa: PTH208
            if session_of(pid) == self.process.pid
            and all(word in command_of(pid) for word in words)
        ]

    def gunicorn(self):
        """The server's first process; its own parent is the supervisor."""
        return min(self.running("gunicorn"))

    def wait_for(self, condition):
        end = time.monotonic() + PATIENCE
        while not (found := condition()):
            if time.monotonic() > end:
                pytest.fail(self.log.read_text()[-4000:] or "nothing was said")
            time.sleep(0.05)
        return found

    def is_over(self):
        """Whether no process of it is left."""
        return self.process.poll() is not None and not self.running()


def stat_of(pid):
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()


def session_of(pid):
    """The session of a process; 0 of one that is gone or waits to be buried."""
    fields = stat_of(pid)
    return int(fields[3]) if fields and fields[0] != "Z" else 0


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


@pytest.fixture
def served(sqlite_library, console, tmp_path):
    served = Served(sqlite_library, console, tmp_path)
    yield served
    for pid in served.running():
        os.kill(pid, signal.SIGKILL)
    served.process.wait()


def waiting(library, count):
    """A change of so many messages that waits."""
    ids = add_messages(library, count, text="before")
    made = plan(Message, {"text": Set("after")}, selection=Selection(Message, ids=ids))
    return claim(made, state=State.QUEUED)[0]


def test_it_starts_a_worker_that_takes_what_waits(sqlite_library, served):
    served.wait_for(lambda: served.running("manage.py", "worker"))
    change_set = waiting(sqlite_library, 20)

    enqueue(change_set)

    served.wait_for(lambda: ChangeSet.objects.get().state == State.APPLIED)


def test_a_worker_that_dies_is_started_again(served):
    [first] = served.wait_for(lambda: served.running("manage.py", "worker"))

    os.kill(first, signal.SIGKILL)

    served.wait_for(lambda: served.running("manage.py", "worker") not in ([], [first]))
    assert "it is started again" in served.log.read_text()


@pytest.mark.parametrize("how", ["TERM", "INT", "HUP"])
def test_all_end_with_it(served, how):
    served.wait_for(lambda: served.running("manage.py", "worker"))

    served.process.send_signal(getattr(signal, f"SIG{how}"))

    served.wait_for(served.is_over)
    assert served.process.returncode == 0


def test_all_end_at_the_keyboard(served):
    """Ctrl-C reaches every process at once."""
    served.wait_for(lambda: served.running("manage.py", "worker"))

    os.killpg(served.process.pid, signal.SIGINT)

    served.wait_for(served.is_over)
    assert "Traceback" not in served.log.read_text()


def test_all_end_where_it_is_killed(served):
    served.wait_for(lambda: served.running("manage.py", "worker"))

    served.process.kill()

    served.wait_for(served.is_over)


def test_all_end_where_the_server_dies(served):
    served.wait_for(lambda: served.running("manage.py", "worker"))

    os.kill(served.gunicorn(), signal.SIGKILL)

    served.wait_for(served.is_over)
    assert served.process.returncode == 137


def test_a_change_at_work_stops_after_a_batch(sqlite_library, served):
    change_set = waiting(sqlite_library, 30_000)
    enqueue(change_set)
    served.wait_for(lambda: ChangeSet.objects.get().position)
    disconnect("moviepilot")  # ours

    served.process.terminate()

    served.wait_for(served.is_over)
    change_set.refresh_from_db()
    assert change_set.state == State.STOPPED
    assert 0 < change_set.changed < 30_000
    assert [*sqlite_library.path.parent.glob("user.db-*")] == []


def test_it_starts_as_many_workers_as_it_is_told(sqlite_library, console, tmp_path):
    served = Served(sqlite_library, console, tmp_path, MPADMIN_WORKERS="0")
    try:
        assert served.running("manage.py", "worker") == []
        assert served.running("gunicorn")
    finally:
        served.process.terminate()
        served.process.wait(60)
    assert served.is_over()
