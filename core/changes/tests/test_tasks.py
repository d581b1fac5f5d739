"""Long changes wait for a worker, are done once, and can be stopped on the way."""

import threading

import msgpack
import pytest
from django.core.management import call_command
from django.db import connections
from django_tasks_db.models import DBTaskResult

from core.changes import (
    ChangeSet,
    Delete,
    Selection,
    Set,
    State,
    apply,
    claim,
    plan,
    resume,
    settle,
    settle_all,
    undo,
    work_of,
)
from core.changes import tasks as tasks_module
from core.changes.journal import cancel, give_up, reopen, take
from core.changes.problems import left_alone
from core.changes.run import leaving, run
from core.changes.tasks import apply_change_set, enqueue_all, go_on, start
from core.changes.tests.support import (
    add,
    add_messages,
    add_sites,
    assert_settled,
    counts,
    edit,
)
from core.models import Message, SystemConfig
from core.worker.database import DatabaseWorker
from history.models import DownloadHistory
from sites.models import Site


@pytest.fixture(autouse=True)
def short_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than 100 records are too many for a request."""
    monkeypatch.setattr(tasks_module, "AT_ONCE", 100)


def queued(operator=None, text="after", **selection):
    """A change of all messages that waits."""
    selected = Selection(Message, **selection)
    made = plan(Message, {"text": Set(text)}, selection=selected, by=operator)
    change_set, work = claim(made, state=State.QUEUED)
    start(change_set, work)
    change_set.refresh_from_db()
    return change_set


def work_off():
    """Do in this process what waits."""
    DatabaseWorker().run()


def texts(library):
    """How many messages have which text."""
    rows = library.execute("SELECT text, count(*) FROM message GROUP BY 1 ORDER BY 1")
    return dict(rows)


def test_what_goes_along_counts_as_long_work(library):
    download = library.insert(
        "downloadhistory", download_hash="h", path="/d", type="电影", title="t"
    )
    file = {"download_hash": "h", "savepath": "/d", "torrentname": "t"}
    files = [
        {
            **file,
            "downloader": "q",
            "fullpath": f"/d/{n}",
            "filepath": f"{n}",
            "state": 1,
        }
        for n in range(150)
    ]
    add(library, "downloadfiles", files)
    selection = Selection(DownloadHistory, ids=[download])
    made = plan(DownloadHistory, Delete(), selection=selection)

    change_set, work = claim(made, state=State.QUEUED)
    start(change_set, work)

    assert ChangeSet.objects.get().state == State.QUEUED
    work_off()
    assert library.execute("SELECT count(*) FROM downloadfiles") == [(0,)]


def test_a_short_change_is_made_at_once(library):
    add_messages(library, 100)

    change_set = queued()

    assert (change_set.state, counts(change_set)) == (State.APPLIED, {"changed": 100})
    assert not DBTaskResult.objects.exists()


def test_a_long_change_waits_for_a_worker(library, operator):
    add_messages(library, 101, text="before")

    change_set = queued(operator)
    assert change_set.state == State.QUEUED
    assert texts(library) == {"before": 101}
    work_off()

    change_set.refresh_from_db()
    assert (change_set.state, counts(change_set)) == (State.APPLIED, {"changed": 101})
    assert (change_set.operator, change_set.started_position) == (operator, 0)
    assert texts(library) == {"after": 101}
    assert undo(change_set).restored == change_set.record_ids()


def test_a_task_that_is_delivered_twice_changes_nothing_twice(library):
    ids = add_messages(library, 120)
    change_set = queued()
    enqueue_all()

    work_off()
    apply_change_set.call(change_set.pk)

    assert DBTaskResult.objects.successful().count() == 2
    assert counts(ChangeSet.objects.get()) == {"changed": 120}
    assert ChangeSet.objects.get().record_ids() == ids


def test_of_two_who_take_a_change_set_one_gets_it(library):
    add_messages(library, 101)
    change_set = queued()
    barrier, outcomes = threading.Barrier(4), []

    def take_now():
        mine = ChangeSet.objects.get(pk=change_set.pk)
        barrier.wait()
        try:
            outcomes.append(take(mine))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take_now) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [False, False, False, True]


def test_a_waiting_change_can_neither_be_undone_nor_gone_on_with(library):
    add_messages(library, 101)
    change_set = queued()

    assert (change_set.is_active, change_set.is_unfinished) == (True, True)
    assert not change_set.can_be_undone
    assert not change_set.can_be_resumed
    assert not settle(change_set)
    assert settle_all() == []
    with pytest.raises(ValueError, match="stopped"):
        resume(change_set)


def test_what_an_undo_waits_to_take_back_is_not_undone_a_second_time(library):
    add_messages(library, 101)
    change_set = edit(Message, text="after")
    undoing = ChangeSet.objects.create(
        kind="undo",
        state=State.QUEUED,
        table=change_set.table,
        database=change_set.database,
        undoes=change_set,
    )

    assert undoing.is_active
    assert not change_set.can_be_undone


def test_a_waiting_change_is_cancelled_before_it_begins(library):
    add_messages(library, 101, text="before")
    change_set = queued()

    assert cancel(change_set)
    work_off()

    change_set.refresh_from_db()
    assert (change_set.state, counts(change_set)) == (State.STOPPED, {})
    assert texts(library) == {"before": 101}
    assert change_set.can_be_resumed
    go_on(change_set)
    work_off()
    assert texts(library) == {"after": 101}


def test_a_cancelled_change_stops_after_the_batch_being_written(library, small_batches):
    ids = add_messages(library, 200, text="before")
    change_set, work = claim(plan(Message, {"text": Set("after")}))

    run(change_set, Cancelled(work, change_set, at=100))

    assert (change_set.state, counts(change_set)) == (State.STOPPED, {"changed": 100})
    assert (change_set.position, change_set.error) == (100, "")
    assert change_set.record_ids() == ids[:100]
    assert_settled(change_set)
    before = library.dump()
    go_on(change_set)
    assert texts(library) == {"after": 200}
    undo(ChangeSet.objects.get(pk=change_set.pk))
    assert texts(library) == {"before": 200}
    assert library.dump() != before


class Cancelled:
    """A work that somebody cancels while a batch of it is decided."""

    def __init__(self, work, change_set, at):
        self.work, self.change_set, self.at = work, change_set, at
        self.model, self.total = work.model, work.total

    def batches(self, start, size):
        return self.work.batches(start, size)

    def decide(self, rows, batch, *, lock):
        if batch.end == self.at:
            assert cancel(self.change_set)
        return self.work.decide(rows, batch, lock=lock)


def test_only_what_waits_or_runs_can_be_cancelled(library):
    add_messages(library, 3)
    change_set = edit(Message, text="after")

    assert not cancel(change_set)
    assert not ChangeSet.objects.filter(cancel_requested=True).exists()


def test_a_worker_that_is_told_to_end_stops_after_the_batch(
    library, small_batches, monkeypatch
):
    add_messages(library, 150, text="before")
    change_set = queued()
    monkeypatch.setattr(leaving, "is_asked", True)

    work_off()

    change_set.refresh_from_db()
    assert (change_set.state, counts(change_set)) == (State.STOPPED, {"changed": 50})
    assert change_set.error == "The console was stopped."
    monkeypatch.undo()
    resume(change_set)
    assert texts(library) == {"after": 150}
    assert ChangeSet.objects.get().error == ""


def test_an_error_of_the_database_is_told_on_the_change_set(sqlite_library):
    add_messages(sqlite_library, 101, text="before")
    sqlite_library.execute(
        "CREATE TRIGGER no BEFORE UPDATE ON message WHEN NEW.title = 'm60' "
        "BEGIN SELECT RAISE(ROLLBACK, 'synthetic refusal'); END"
    )
    change_set = queued()

    work_off()

    change_set.refresh_from_db()
    assert change_set.state == State.STOPPED
    assert "MoviePilot's database refused" in change_set.error
    assert texts(sqlite_library) == {"before": 101}
    assert DBTaskResult.objects.successful().count() == 1


def test_a_change_that_cannot_be_begun_says_why(library):
    add_messages(library, 101)
    change_set = queued()
    ChangeSet.objects.update(operations={"text": {"name": "no such operation"}})

    work_off()

    change_set.refresh_from_db()
    assert (change_set.state, change_set.changed) == (State.STOPPED, 0)
    assert change_set.error


def test_the_reasons_are_told_in_the_operators_language(library, operator):
    operator.language = "zh-hans"
    operator.save()
    ids = add_sites(library, 103, url="https://same.example/")
    selection = Selection(Site, ids=ids)
    made = plan(Site, {"domain": Set("same.example")}, selection=selection, by=operator)
    change_set, work = claim(made, skip_invalid=True, state=State.QUEUED)
    start(change_set, work)

    work_off()

    change_set.refresh_from_db()
    assert change_set.failed
    assert not any(why.isascii() for _pk, why in change_set.problems)


def test_deletions_and_undos_run_in_the_background_too(library):
    add_messages(library, 130, text="before")
    before = library.dump()
    made = plan(Message, Delete())
    start(*claim(made, state=State.QUEUED))
    work_off()
    assert texts(library) == {}
    deletion = ChangeSet.objects.get()
    undo(deletion)
    undoing = ChangeSet.objects.exclude(pk=deletion.pk).get()
    ChangeSet.objects.filter(pk=undoing.pk).update(state=State.STOPPED, position=0)
    undoing.refresh_from_db()
    reopen(undoing, State.QUEUED)

    start(undoing, work_of(undoing))
    assert undoing.state == State.QUEUED
    work_off()

    undoing.refresh_from_db()
    assert undoing.state == State.APPLIED
    assert library.dump() == before


def test_what_is_needed_to_go_on_is_kept_no_longer_than_that(library):
    add_messages(library, 101)
    change_set = queued()
    ChangeSet.objects.update(payload=msgpack.packb({}))

    cancel(change_set)
    assert bytes(ChangeSet.objects.get().payload) == msgpack.packb({})
    change_set.refresh_from_db()
    go_on(change_set)
    work_off()

    assert bytes(ChangeSet.objects.get().payload) == b""


def test_a_change_whose_task_was_lost_is_queued_again(library):
    add_messages(library, 101)
    change_set = queued()
    DBTaskResult.objects.all().delete()
    work_off()
    assert ChangeSet.objects.get().state == State.QUEUED

    call_command("worker", burst=True)

    change_set.refresh_from_db()
    assert change_set.state == State.APPLIED


def test_giving_up_takes_nothing_from_somebody_at_work(library):
    add_messages(library, 101)
    change_set = queued()
    take(ChangeSet.objects.get())

    assert not give_up(change_set, "too late")

    assert (change_set.state, change_set.error) == (State.APPLYING, "")


def test_all_records_left_alone_are_kept_also_of_batches_without_changes(
    library, small_batches
):
    ids = add_messages(library, 1300, text="before")
    change_set = edit(Message, text="after")
    library.execute("UPDATE message SET text = 'theirs' WHERE id > ?", ids[99])

    undoing = undo(change_set).change_set

    assert counts(undoing) == {"changed": 100, "skipped": 1200}
    assert len(undoing.problems) == 1000
    [group] = left_alone(undoing)
    assert (group.table, group.why) == ("core.message", "conflict")
    assert sorted(group.ids) == ids[100:]


def test_records_left_alone_are_grouped_by_reason(library):
    rows = [{"key": f"k{number}", "value": "{}"} for number in range(3)]
    for row in rows:
        library.insert("systemconfig", **row)
    made = plan(SystemConfig, {"key": Set("k1")})

    change_set = apply(made, skip_invalid=True)

    groups = left_alone(change_set)
    assert sum(len(group.ids) for group in groups) == change_set.failed


def test_a_batch_that_is_done_again_counts_its_problems_once(library, small_batches):
    ids = add_messages(library, 60, text="before")
    change_set = edit(Message, text="after")
    library.update("message", ids[0], text="theirs")
    undoing = undo(change_set).change_set
    lost = undoing.batches.create(
        number=9, position=50, problems=[[ids[0], "conflict"]]
    )
    ChangeSet.objects.filter(pk=undoing.pk).update(state=State.APPLYING, worker="gone")

    settle(ChangeSet.objects.get(pk=undoing.pk))

    lost.refresh_from_db()
    [group] = left_alone(undoing)
    assert group.ids == [ids[0]]
