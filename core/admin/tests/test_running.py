"""Pages about changes that wait, run or have stopped."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connections
from django.urls import reverse
from django.utils import timezone, translation
from django_tasks_db.models import DBTaskResult

from core.admin.progress import words_of
from core.changes import ChangeSet, Delete, Plan, Selection, Set, State, claim, plan
from core.changes import tasks as tasks_module
from core.changes.tasks import start
from core.changes.tests.support import add_messages, add_sites, counts, edit
from core.models import Message, Operator
from core.worker.database import DatabaseWorker
from sites.models import Site


def url(page, change_set):
    return reverse(f"admin:core_changeset_{page}", args=[change_set.pk])


def words(response):
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def waiting(library, monkeypatch):
    """A change of 200 messages that waits for a worker."""
    monkeypatch.setattr(tasks_module, "AT_ONCE", 100)
    ids = add_messages(library, 200, text="before")
    made = plan(Message, {"text": Set("after")}, selection=Selection(Message, ids=ids))
    change_set, work = claim(made, state=State.QUEUED)
    start(change_set, work)
    return change_set


def at_work(change_set, **values):
    """As if a process elsewhere were working on it."""
    ChangeSet.objects.filter(pk=change_set.pk).update(
        **{
            "state": State.APPLYING,
            "worker": "elsewhere 1 token",
            "lease_until": timezone.now() + dt.timedelta(minutes=3),
            "started_at": timezone.now(),
            **values,
        }
    )


def test_a_waiting_change_says_so(operator_client, waiting):
    page = operator_client.get(url("change", waiting))

    assert "Waiting for a worker." in words(page)
    assert "0 of 200" in words(page)
    assert url("cancel", waiting) in page.content.decode()
    assert url("queue", waiting) not in page.content.decode()
    assert url("progress", waiting) in page.content.decode()


def test_a_change_that_nobody_takes_says_what_to_do(operator_client, waiting):
    long_ago = timezone.now() - dt.timedelta(minutes=1)
    ChangeSet.objects.update(created_at=long_ago)

    page = operator_client.get(url("change", waiting))
    known = operator_client.get(f"{url('progress', waiting)}?late=1")
    news = operator_client.get(url("progress", waiting))

    assert "No worker takes it" in words(page)
    assert "late=1" in page.content.decode()
    assert "HX-Refresh" not in known
    assert news["HX-Refresh"] == "true"
    DBTaskResult.objects.all().delete()
    operator_client.post(url("queue", waiting))
    assert DBTaskResult.objects.ready().count() == 1


def test_a_change_behind_another_one_says_that(operator_client, waiting, library):
    ChangeSet.objects.update(created_at=timezone.now() - dt.timedelta(minutes=1))
    at_work(edit(Message, text="other"))

    assert "busy with other changes" in words(
        operator_client.get(url("change", waiting))
    )


def test_the_progress_tells_how_much_and_how_long(operator_client, waiting):
    started = timezone.now() - dt.timedelta(minutes=3)
    at_work(waiting, position=60, started_at=started)

    part = operator_client.get(f"{url('progress', waiting)}?said=20")
    same = operator_client.get(f"{url('progress', waiting)}?said=30")

    assert "60 of 200" in words(part)
    assert "about 7 minutes left" in words(part)
    assert "30 percent done" in words(part)
    assert "percent done" not in words(same)
    assert "<html" not in part.content.decode()


def test_asking_for_the_progress_costs_little(
    operator_client, waiting, django_assert_max_num_queries
):
    at_work(waiting, position=60)

    with (
        # Session, operator, the change set, and what the top bar says.
        django_assert_max_num_queries(6),
        django_assert_max_num_queries(0, connection=connections["moviepilot"]),
    ):
        operator_client.get(url("progress", waiting))


@pytest.mark.parametrize("said", ["", "x", "9" * 400, "-1", "٣"])
def test_nonsense_in_the_address_does_no_harm(operator_client, waiting, said):
    at_work(waiting, position=60)

    response = operator_client.get(url("progress", waiting), {"said": said})

    assert response.status_code == 200


def test_the_progress_of_a_change_that_is_over_is_the_whole_page(
    operator_client, waiting
):
    DatabaseWorker().run()

    assert operator_client.get(url("progress", waiting))["HX-Refresh"] == "true"
    page = words(operator_client.get(url("change", waiting)))
    assert "Waiting for a worker" not in page
    assert "applied" in page


def test_the_progress_finds_out_that_the_worker_is_gone(operator_client, waiting):
    at_work(waiting, lease_until=timezone.now() - dt.timedelta(minutes=1))

    response = operator_client.get(url("progress", waiting))

    assert response["HX-Refresh"] == "true"
    waiting.refresh_from_db()
    assert waiting.state == State.STOPPED


def test_cancelling_what_waits_leaves_nothing_written(operator_client, waiting):
    page = operator_client.post(url("cancel", waiting), follow=True)

    DatabaseWorker().run()
    waiting.refresh_from_db()
    assert (waiting.state, counts(waiting)) == (State.STOPPED, {})
    assert "This change was cancelled." in words(page)
    assert "No record was written." in words(page)
    assert url("resume", waiting) in page.content.decode()


def test_cancelling_what_runs_is_asked_for(operator_client, waiting):
    at_work(waiting, position=60)

    page = operator_client.post(url("cancel", waiting), follow=True)

    waiting.refresh_from_db()
    assert waiting.cancel_requested
    assert "It stops after the records being written now." in words(page)
    assert url("cancel", waiting) not in page.content.decode()


def test_what_is_over_cannot_be_cancelled_or_queued(operator_client, library):
    add_messages(library, 3)
    change_set = edit(Message, text="after")

    cancelled = operator_client.post(url("cancel", change_set), follow=True)
    queued = operator_client.post(url("queue", change_set), follow=True)

    assert "This change is over already." in words(cancelled)
    assert "This change does not wait any more." in words(queued)
    change_set.refresh_from_db()
    assert (change_set.state, change_set.cancel_requested) == (State.APPLIED, False)


def test_a_stopped_change_of_many_goes_on_in_the_background(operator_client, waiting):
    operator_client.post(url("cancel", waiting))

    page = operator_client.post(url("resume", waiting), follow=True)

    assert "Waiting for a worker." in words(page)
    assert "records are done" not in words(page)
    DatabaseWorker().run()
    waiting.refresh_from_db()
    assert (waiting.state, counts(waiting)) == (State.APPLIED, {"changed": 200})


def test_what_stopped_a_change_is_told(operator_client, waiting):
    ChangeSet.objects.update(
        state=State.STOPPED, error="MoviePilot's database refused: disk full"
    )

    page = operator_client.get(url("change", waiting))

    assert "refused: disk full" in words(page)
    assert "stopped before its end" in words(page)


@pytest.mark.parametrize("page", ["cancel", "queue", "select"])
def test_nothing_is_done_on_get(operator_client, waiting, page):
    assert operator_client.get(url(page, waiting)).status_code == 405
    assert ChangeSet.objects.get().state == State.QUEUED


@pytest.mark.parametrize("page", ["cancel", "queue", "select", "resume"])
def test_only_those_who_may_change_the_table_can(client, waiting, page):
    reader = Operator.objects.create_user("rita", password="synthetic-Pass-1")
    reader.is_staff = True
    reader.save()
    reader.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")

    response = client.post(url(page, waiting), {"group": "x"})

    shown = client.get(url("change", waiting))
    assert response.status_code in (302, 403)
    assert ChangeSet.objects.get().state == State.QUEUED
    assert url("cancel", waiting) not in shown.content.decode()


# --- Records left alone


@pytest.fixture
def partly(library):
    """An undo that found 1,200 of 1,250 messages changed by somebody else."""
    ids = add_messages(library, 1250, text="before")
    change_set = edit(Message, text="after")
    library.execute("UPDATE message SET text = 'theirs' WHERE id > ?", ids[49])
    from core.changes import undo

    return undo(change_set).change_set, ids[50:]


def test_all_records_left_alone_can_be_selected(operator_client, partly):
    change_set, left = partly
    page = operator_client.get(url("change", change_set)).content.decode()
    [name] = re.findall(r'name="group" value="(\w+)"', page)

    form = operator_client.post(url("select", change_set), {"group": name}, follow=True)

    assert form.status_code == 200
    made = Plan.objects.latest("created_at")
    assert made.record_ids() == left
    assert "1,200" in page
    assert "changed by someone else since" in page
    assert page.count("/core/message/") < 200


@pytest.mark.parametrize("group", ["", "nonsense"])
def test_an_unknown_group_selects_nothing(operator_client, partly, group):
    change_set, _left = partly

    page = operator_client.post(
        url("select", change_set), {"group": group}, follow=True
    )

    assert "Select at least one record first." in words(page)
    assert not Plan.objects.filter(kind="").exists()


def test_records_that_are_gone_by_now_are_not_selected(
    operator_client, partly, library
):
    change_set, _left = partly
    page = operator_client.get(url("change", change_set)).content.decode()
    [name] = re.findall(r'name="group" value="(\w+)"', page)
    library.execute("DELETE FROM message")

    answer = operator_client.post(
        url("select", change_set), {"group": name}, follow=True
    )

    assert "None of the selected records exists any more." in words(answer)


# --- What every page says


def test_every_page_says_what_runs(operator_client, waiting, library):
    at_work(waiting, position=86)
    page = operator_client.get(reverse("admin:index")).content.decode()
    assert "1 change is running, 43 %" in page
    assert f'href="{url("change", waiting)}"' in page

    ChangeSet.objects.update(state=State.QUEUED)
    assert "1 change is waiting" in words(operator_client.get(reverse("admin:index")))

    ChangeSet.objects.update(state=State.APPLIED)
    assert "running" not in operator_client.get(reverse("admin:index")).content.decode()

    add_sites(library, 2)
    for _ in range(2):
        claim(plan(Site, Delete()))
    assert "2 changes are running" in words(operator_client.get(reverse("admin:index")))


def test_what_runs_is_found_by_its_index(sqlite_library, operator_client):
    query = ChangeSet.objects.active().only("state", "position", "total")

    assert "core_changeset_unfinished" in query.explain()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "about 1 second left"),
        (59, "about 59 seconds left"),
        (61, "about 1 minute left"),
        (3599, "about 60 minutes left"),
        (9000, "about 2 hours left"),
    ],
)
def test_a_time_is_told_as_one_would(seconds, said):
    with translation.override("en"):
        assert words_of(seconds) == said
