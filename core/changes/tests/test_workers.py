"""Workers as processes of their own: what waits is done once, whoever dies."""

from __future__ import annotations

import json
import pickle
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
import zlib
from contextlib import ExitStack

import pytest
import redis
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from core.auth.sessions import SessionStore
from core.changes import ChangeSet, Delete, Selection, State, claim, plan
from core.changes.journal import cancel
from core.changes.operations import Prefix
from core.changes.tasks import go_on
from core.changes.tests.support import (
    add_messages,
    assert_settled,
    counts,
)
from core.models import Message
from core.startup.databases import disconnect
from core.tests.support import live

PATIENCE = 120
"""Seconds after which something will never come."""


IMPORTS = (
    "import django; django.setup()",
    "from core.changes import ChangeSet, Selection, State, claim, plan, tasks",
    "from core.changes.operations import Prefix",
    "from core.models import Message",
)


class Queue:
    """Where the workers of a test take their tasks from."""

    def __init__(self, variables, log):
        self.variables, self.log = variables, log

    def worker(self, *arguments):
        return live.worker(self.variables, self.log, *arguments)

    def put(self, *change_sets, times=1):
        """Queue them from a process that has the workers' environment."""
        pks = [change_set.pk for change_set in change_sets] * times
        self.run(f"for pk in {pks}: assert tasks.enqueue(ChangeSet.objects.get(pk=pk))")

    def run(self, *lines):
        """Do this in a process that has the workers' environment."""
        code = "\n".join([*IMPORTS, *lines])
        variables = {**self.variables, "DJANGO_SETTINGS_MODULE": "mpadmin.settings"}
        subprocess.run([sys.executable, "-c", code], env=variables, check=True)


@pytest.fixture(params=["database", "redis"])
def queue(request, library, console, tmp_path):
    """The console's database as a queue, and Redis."""
    values = {}
    if request.param == "redis":
        values["REDIS_URL"] = request.getfixturevalue("redis_url")
        with redis.Redis.from_url(values["REDIS_URL"]) as client:
            client.flushall()
    variables = live.console_environment(library, console, tmp_path, **values)
    return Queue(variables, tmp_path / "worker.log")


def waiting(ids, field="text"):
    """A change that waits: who makes it twice puts two marks."""
    made = plan(Message, {field: Prefix("+")}, selection=Selection(Message, ids=ids))
    change_set, _work = claim(made, state=State.QUEUED)
    return change_set


def wait_for(condition, log):
    """Until it is so; with the workers' words when it never is."""
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        if time.monotonic() > end:
            pytest.fail(log.read_text()[-4000:] or "nothing was said")
        time.sleep(0.02)
    return found


def all_over():
    return not ChangeSet.objects.active().exists()


def test_two_workers_do_every_change_once(library, queue):
    ids = add_messages(library, 600, text="")
    change_sets = [waiting(ids[start : start + 30]) for start in range(0, 600, 30)]

    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(queue.worker())
        queue.put(*change_sets, times=3)
        wait_for(all_over, queue.log)

    assert library.execute("SELECT DISTINCT text FROM message") == [("+",)]
    for change_set in change_sets:
        change_set.refresh_from_db()
        assert (change_set.state, counts(change_set)) == ("applied", {"changed": 30})
        assert_settled(change_set)


def test_a_killed_worker_leaves_what_the_next_one_goes_on_with(library, queue):
    ids = add_messages(library, 30_000, text="")
    change_set, other = waiting(ids), waiting(ids[:10], "title")

    with queue.worker() as process:
        wait_for(lambda: _position(change_set), queue.log)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert ChangeSet.objects.get(pk=change_set.pk).state == State.APPLYING
    assert ChangeSet.objects.get(pk=other.pk).state == State.QUEUED

    with queue.worker():
        wait_for(all_over, queue.log)
        stopped = ChangeSet.objects.get(pk=change_set.pk)
        assert stopped.state == State.STOPPED
        assert 0 < stopped.changed < 30_000
        go_on(stopped)
        queue.put(stopped)
        wait_for(all_over, queue.log)

    done = ChangeSet.objects.get(pk=change_set.pk)
    assert (done.state, counts(done)) == (State.APPLIED, {"changed": 30_000})
    assert ChangeSet.objects.get(pk=other.pk).state == State.APPLIED
    assert library.execute("SELECT DISTINCT text FROM message") == [("+",)]
    assert_settled(done)


def test_a_worker_that_is_stopped_ends_after_the_batch(library, queue):
    ids = add_messages(library, 30_000, text="")
    change_set = waiting(ids)

    with queue.worker() as process:
        wait_for(lambda: _position(change_set), queue.log)
        process.terminate()
        assert process.wait(30) == 0

    change_set.refresh_from_db()
    assert change_set.state == State.STOPPED
    assert change_set.error == "The console was stopped."
    assert 0 < change_set.changed < 30_000
    assert_settled(change_set)


@pytest.mark.parametrize("library", ["sqlite"], indirect=True)
def test_an_idle_worker_holds_nothing_of_moviepilot_open(library, queue):
    ids = add_messages(library, 10, text="")
    change_set = waiting(ids)
    files = [library.path.with_name(f"user.db{end}") for end in ("-wal", "-shm")]
    with queue.worker():
        wait_for(lambda: _state(change_set) == State.APPLIED, queue.log)
        disconnect("moviepilot")  # ours

        wait_for(lambda: not any(file.exists() for file in files), queue.log)


def test_a_change_that_is_cancelled_stops_in_the_worker(library, queue):
    ids = add_messages(library, 30_000, text="")
    change_set = waiting(ids)

    with queue.worker():
        wait_for(lambda: _position(change_set), queue.log)
        cancel(ChangeSet.objects.get(pk=change_set.pk))
        wait_for(all_over, queue.log)

    change_set.refresh_from_db()
    assert change_set.state == State.STOPPED
    assert 0 < change_set.changed < 30_000
    assert_settled(change_set)


def _position(change_set):
    return ChangeSet.objects.get(pk=change_set.pk).position


def _state(change_set):
    return ChangeSet.objects.get(pk=change_set.pk).state


# --- Redis, where others may write


def job(data, **fields):
    """A job as RQ keeps it."""
    return {
        "data": zlib.compress(data),
        "origin": "mpadmin",
        "status": "queued",
        "created_at": "2026-01-01T00:00:00.000000Z",
        "enqueued_at": "2026-01-01T00:00:00.000000Z",
        "timeout": "-1",
        "meta": b'{"backend_name": "default"}',
        **fields,
    }


class Touch:
    """What makes a file where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


@pytest.mark.parametrize("queue", ["redis"], indirect=True)
def test_what_others_put_into_redis_is_not_run(library, queue, redis_url, tmp_path):
    made = tmp_path / "made"
    touch = json.dumps(["os.mknod", None, [str(made)], {}]).encode()
    task = "core.changes.tasks.apply_change_set"
    known = json.dumps([task, None, [4711], {}]).encode()
    jobs = {
        "pickled": job(pickle.dumps(Touch(str(made)))),
        "pickled-meta": job(known, meta=pickle.dumps(Touch(str(made)))),
        "called": job(touch),
        "told": job(known, success_callback_name=b"core.changes.tests.poison.done"),
        "failing": job(touch, failure_callback_name=b"core.changes.tests.poison.done"),
    }
    with redis.Redis.from_url(redis_url) as client:
        for name, fields in jobs.items():
            client.hset(f"rq:job:{name}", mapping=fields)
            client.rpush("rq:queue:mpadmin", name)
        change_set = waiting(add_messages(library, 10, text=""))

        with queue.worker():
            wait_for(lambda: _state(change_set) == State.APPLIED, queue.log)
            wait_for(lambda: not client.llen("rq:queue:mpadmin"), queue.log)

    assert not made.exists()
    assert "poison" not in queue.log.read_text()


@pytest.mark.parametrize("queue", ["redis"], indirect=True)
def test_a_redis_that_is_down_leaves_the_change_waiting(library, queue):
    queue.variables["REDIS_URL"] = "redis://:synthetic-password-1@127.0.0.1:1/0"
    change_set = waiting(add_messages(library, 10, text=""))

    with queue.worker() as process:
        assert process.wait(60) == 1

    assert _state(change_set) == State.QUEUED
    said = queue.log.read_text()
    assert "Redis cannot be used" in said
    assert "synthetic-password-1" not in said


# --- Beside the pages


def test_pages_are_served_and_sessions_kept_while_100_000_records_change(
    sqlite_library, console, operator, live_console, tmp_path
):
    ids = add_messages(sqlite_library, 100_000, text="")
    change_set = waiting(ids)
    log, served = tmp_path / "worker.log", []

    with live.worker(live_console.variables, log):
        wait_for(lambda: _position(change_set), log)
        while _state(change_set) == State.APPLYING:
            served.append(visit(live_console, operator, change_set))

    assert served
    assert {*served} == {200}
    change_set.refresh_from_db()
    assert (change_set.state, counts(change_set)) == ("applied", {"changed": 100_000})
    assert "locked" not in log.read_text() + live_console.log.read_text()


def visit(live_console, operator, change_set):
    """Sign in, which writes a session, and look at the progress."""
    session = SessionStore()
    session[SESSION_KEY] = str(operator.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = operator.get_session_auth_hash()
    session.save()
    pages = (f"core/changeset/{change_set.pk}/progress/", "core/message/")
    cookie = {"Cookie": f"mpadmin_session={session.session_key}"}
    for page in pages:
        request = urllib.request.Request(f"{live_console.url}/{page}", headers=cookie)
        with urllib.request.urlopen(request, timeout=60) as answer:
            if answer.status != 200 or "login" in answer.url:
                return answer.status, answer.url
    session.delete()
    return 200


def test_a_deletion_of_many_runs_in_a_worker(sqlite_library, console, tmp_path):
    add_messages(sqlite_library, 40_000)
    change_set, _work = claim(plan(Message, Delete()), state=State.QUEUED)
    variables = live.console_environment(sqlite_library, console, tmp_path)

    with live.worker(variables, tmp_path / "log", "--burst") as process:
        assert process.wait(PATIENCE) == 0

    change_set.refresh_from_db()
    assert (change_set.state, counts(change_set)) == ("applied", {"changed": 40_000})
    assert sqlite_library.execute("SELECT count(*) FROM message") == [(0,)]


def test_the_queue_may_stand_in_postgresql(
    sqlite_library, postgresql_template, console, tmp_path
):
    add_messages(sqlite_library, 300, text="")
    name = f"console_{uuid.uuid4().hex}"
    postgresql_template.create(name)
    login = postgresql_template.login(name)
    variables = live.console_environment(sqlite_library, console, tmp_path)
    variables["DATABASE_URL"] = (
        f"postgres://{login['USER']}:{login['PASSWORD']}@127.0.0.1:{login['PORT']}/{name}"
    )
    queue, log = Queue(variables, tmp_path / "log"), tmp_path / "log"
    subprocess.run(
        live.command("migrate", "--database=default", "-v0"), env=variables, check=True
    )
    queue.run(
        "for start in range(1, 301, 30):",
        "    ids = list(range(start, start + 30))",
        "    selection = Selection(Message, ids=ids)",
        "    made = plan(Message, {'text': Prefix('+')}, selection=selection)",
        "    change_set, _work = claim(made, state=State.QUEUED)",
        "    tasks.enqueue(change_set), tasks.enqueue(change_set)",
    )

    with queue.worker("--burst") as first, queue.worker("--burst") as second:
        assert [first.wait(PATIENCE), second.wait(PATIENCE)] == [0, 0], log.read_text()

    found = sqlite_library.execute("SELECT text, count(*) FROM message GROUP BY 1")
    assert found == [("+", 300)]
    queue.run("assert ChangeSet.objects.filter(state='applied').count() == 10")
    postgresql_template.drop(name)
