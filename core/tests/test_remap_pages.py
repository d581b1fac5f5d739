"""The pages of a path remap, as an operator meets them."""

import json

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from core.changes import ChangeSet, Plan, State, apply, undo
from core.changes.remap import Remap, plan_remap
from core.changes.tasks import apply_change_set
from core.changes.tests.support import add
from core.models.operators import Operator
from core.tests.support.live import PASSWORD

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def paths(library):
    """Two transfers and a subscription under /media/a, one transfer under /media/ab."""
    rows = [
        {
            "title": f"t{folder}",
            "src": f"/media/{folder}/x.mkv",
            "src_fileitem": json.dumps({"path": f"/media/{folder}/x.mkv"}),
            "status": True,
        }
        for folder in ("a", "a/b", "ab")
    ]
    add(library, "transferhistory", rows)
    add(library, "subscribe", [{"name": "n", "state": "N", "save_path": "/media/a"}])
    return library


def fill(client, **values):
    page = client.get(reverse("admin:remap"))
    assert page.status_code == 200
    places = [row.name for group in page.context["groups"] for row in group.rows]
    data = {"old": "/media/a", "new": "/mnt/b", "place": places, **values}
    return client.post(reverse("admin:remap"), data)


def post(client, page, **values):
    """Press a button of the preview, with its switches as they stand."""
    on = [r.name for group in page.context["groups"] for r in group.rows if r.is_on]
    data = {"shown": "1", "place": on, **values}
    return client.post(page.request["PATH_INFO"], data)


def test_from_the_form_to_the_change_and_back(operator_client, paths):
    before = paths.dump()

    page = operator_client.get(fill(operator_client, reason="moved").url)
    assert page.status_code == 200
    assert paths.dump() == before
    counts = {row.name: row.count for g in page.context["groups"] for row in g.rows}
    assert counts == {
        "history.transferhistory.src": 2,
        "history.transferhistory.src_fileitem": 2,
        "core.subscribe.save_path": 1,
    }
    done = post(operator_client, page, reason="moved the disk")

    change_set = ChangeSet.objects.get()
    assert done.url == reverse("admin:core_changeset_change", args=[change_set.pk])
    assert (change_set.reason, change_set.written) == ("moved the disk", 3)
    shown = operator_client.get(done.url).content.decode()
    assert "<del>/media/a</del> → <ins>/mnt/b</ins>" in shown
    assert "Remapped the paths of 3 records." in shown
    undo(change_set)
    assert paths.dump() == before


def test_a_switch_that_was_turned_off_asks_for_another_preview(operator_client, paths):
    page = operator_client.get(fill(operator_client).url)
    before = paths.dump()

    moved = post(operator_client, page, place=["core.subscribe.save_path"])

    assert paths.dump() == before
    assert not ChangeSet.objects.exists()
    fresh = operator_client.get(moved.url)
    rows = [row for group in fresh.context["groups"] for row in group.rows]
    assert [row.name for row in rows] == ["core.subscribe.save_path"]
    assert "The places are others now" in fresh.content.decode()
    post(operator_client, fresh)
    assert ChangeSet.objects.get().table == "core.subscribe"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"old": ""}, "Give a path."),
        ({"new": " "}, "Give a path."),
        ({"new": "/media/a/"}, "nothing would change"),
        ({"old": "/a\x00"}, "cannot hold this character"),
        ({"place": []}, "Turn on at least one place."),
        ({"place": ["history.nothing"]}, "Turn on at least one place."),
    ],
    ids=["old", "new", "same", "nul", "none", "unknown"],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(
    operator_client, paths, values, told
):
    page = fill(operator_client, reason="keep me", **values)

    assert page.status_code == 422
    assert told in page.content.decode()
    assert 'value="keep me"' in page.content.decode()
    assert not Plan.objects.exists()


def test_a_remap_without_hits_offers_nothing_to_apply(operator_client, paths):
    page = operator_client.get(fill(operator_client, old="/nowhere").url)

    assert "No path is under the old prefix" in page.content.decode()
    assert "Apply to" not in page.content.decode()
    assert post(operator_client, page).status_code == 422


WARNINGS = [
    ("/media/a", "/media/a/b", "a second remap would put it in"),
    ("/media/a", "/media", "comes to stand"),
    ("/media/a", "D:\\a", "written as on Windows"),
    ("media/a", "/x", "does not begin at a root"),
    ("/media/a/", "/x", "ends with a slash"),
    ("/media/a", "/x ", "ends with a blank"),
    ("/media/a", "/media/ab", "under the new prefix already"),
    ("/media/a", "/x", "at each synchronisation with the"),
]


@pytest.mark.parametrize(
    ("old", "new", "told"), WARNINGS, ids=[told for *_, told in WARNINGS]
)
def test_what_to_know_first_is_told(operator_client, paths, old, new, told):
    item = {"server": "A", "item_id": "1", "path": "/media/a/x"}
    add(paths, "mediaserveritem", [item])

    page = operator_client.get(fill(operator_client, old=old, new=new).url)

    assert any(told in warning for warning in page.context["warnings"])
    others = operator_client.get(fill(operator_client, new="/elsewhere").url)
    is_usual = "synchronisation" in told
    assert any(told in each for each in others.context["warnings"]) is is_usual


def test_a_setting_asks_for_a_restart(operator_client, paths):
    value = json.dumps([{"name": "d", "priority": 1, "download_path": "/media/a"}])
    add(paths, "systemconfig", [{"key": "Directories", "value": value}])

    page = operator_client.get(fill(operator_client).url)
    done = post(operator_client, page)

    assert any("restarted" in warning for warning in page.context["warnings"])
    shown = operator_client.get(done.url)
    assert "MoviePilot must be restarted" in shown.content.decode()


def test_other_hits_than_previewed_are_told_by_table(operator_client, paths):
    page = operator_client.get(fill(operator_client).url)
    add(paths, "subscribe", [{"name": "n", "state": "N", "save_path": "/media/a/c"}])
    before = paths.dump()

    moved = post(operator_client, page)

    assert moved.status_code == 409
    [table] = moved.context["tables"]
    assert (table.table, table.added, table.removed) == ("Subscriptions", 1, 0)
    assert paths.dump() == before
    again = operator_client.post(
        page.request["PATH_INFO"], {"do": "again", "place": moved.context["places"]}
    )
    assert operator_client.get(again.url).context["preview"].changed == 4


def test_records_that_cannot_be_changed_are_asked_about(
    operator_client, sqlite_library
):
    rows = [
        {"src": "/media/a/x", "files": files, "status": True}
        for files in ("[]", '["/media/a/x"')
    ]
    ids = add(sqlite_library, "transferhistory", rows)
    page = operator_client.get(fill(operator_client).url)

    [problem] = page.context["problems"]
    assert problem["id"] == ids[1]
    refused = post(operator_client, page)
    assert refused.status_code == 422
    assert not ChangeSet.objects.exists()
    post(operator_client, page, skip_invalid="1")
    assert ChangeSet.objects.get().record_ids() == ids[:1]


def test_a_plan_is_applied_once_and_seen_by_its_operator_only(
    operator_client, paths, client
):
    page = operator_client.get(fill(operator_client).url)
    url = page.request["PATH_INFO"]

    post(operator_client, page)
    again = post(operator_client, page)

    change_set = ChangeSet.objects.get()
    assert again.url == reverse("admin:core_changeset_change", args=[change_set.pk])
    otto = Operator.objects.create_superuser("otto", password=PASSWORD)
    client.force_login(otto, backend=BACKEND)
    assert client.get(url).status_code == 404


def test_the_plans_own_page_is_the_remaps(operator_client, paths):
    token = fill(operator_client).url.rstrip("/").rpartition("/")[2]

    generic = operator_client.get(reverse("admin:core_plan_preview", args=[token]))

    assert generic.url == reverse("admin:remap_plan", args=[token])


def test_the_form_is_filled_in_again_on_the_way_back(operator_client, paths):
    page = operator_client.get(fill(operator_client, case="ignore").url)

    form = operator_client.get(page.context["back_url"]).context["form"]

    assert (form.old, form.new, form.case) == ("/media/a", "/mnt/b", "ignore")


@pytest.fixture
def limited(client, console):
    """A client signed in as one who may change subscriptions and nothing else."""
    operator = Operator.objects.create_user("lena", password=PASSWORD, is_staff=True)
    allowed = ["view_subscribe", "change_subscribe", "view_transferhistory"]
    found = Permission.objects.filter(codename__in=allowed)
    operator.user_permissions.set(found)
    client.force_login(operator, backend=BACKEND)
    return client


def test_tables_one_may_not_change_are_not_offered_nor_looked_through(limited, paths):
    page = limited.get(reverse("admin:remap"))
    rows = {row.name: row for group in page.context["groups"] for row in group.rows}
    assert [*rows] == ["core.subscribe.save_path"]
    assert not rows["core.subscribe.save_path"].why_off

    preview = limited.get(fill(limited).url)

    shown = [row.name for group in preview.context["groups"] for row in group.rows]
    assert shown == ["core.subscribe.save_path"]
    post(limited, preview)
    assert ChangeSet.objects.get().written == 1


def test_a_plan_of_tables_one_may_no_longer_change_is_refused(limited, paths):
    url = fill(limited).url
    Operator.objects.get(username="lena").user_permissions.clear()

    assert limited.get(url).status_code == 403
    assert limited.post(url, {"place": []}).status_code == 403
    assert limited.get(reverse("admin:remap")).status_code == 403
    assert not ChangeSet.objects.exists()


def test_the_list_of_changes_knows_all_its_tables(operator_client, paths):
    post(operator_client, operator_client.get(fill(operator_client).url))
    changes = reverse("admin:core_changeset_changelist")

    for table in ("history.transferhistory", "core.subscribe"):
        page = operator_client.get(changes, {"table": table})
        [(_change_set, label)] = page.context["changes"]
        assert label == "Transfer history +1"
    other = operator_client.get(changes, {"table": "sites.site"})
    assert other.context["changes"] == []


def test_who_may_not_change_all_its_tables_may_not_undo_it(limited, paths):
    operator = Operator.objects.get(username="lena")
    made = plan_remap(Remap("/media/a", "/mnt/b"), by=operator)
    change_set = apply(made)
    undo_url = reverse("admin:core_changeset_undo", args=[change_set.pk])
    more = Permission.objects.filter(codename="change_transferhistory")
    names = ["view_changeset", "undo_own_changeset"]
    seeing = Permission.objects.filter(codename__in=names)
    operator.user_permissions.add(*seeing, *more)
    may_all = limited.get(undo_url)
    operator.user_permissions.remove(
        *Permission.objects.filter(codename="change_subscribe")
    )

    may_some = limited.get(undo_url)

    assert (may_all.status_code, may_some.status_code) == (200, 403)
    assert limited.post(undo_url).status_code == 403
    assert not change_set.undone_by.exists()


def test_nothing_is_written_by_looking(operator_client, paths):
    before = paths.dump()
    url = fill(operator_client).url

    for address in (reverse("admin:remap"), url, f"{url}?do=again"):
        assert operator_client.get(address).status_code == 200

    assert paths.dump() == before
    assert not ChangeSet.objects.exists()


def test_a_long_remap_is_left_to_a_worker(operator_client, sqlite_library, monkeypatch):
    monkeypatch.setattr("core.changes.tasks.AT_ONCE", 1)
    rows = [{"src": "/media/a/x", "status": True}] * 3
    add(sqlite_library, "transferhistory", rows)

    done = post(operator_client, operator_client.get(fill(operator_client).url))

    change_set = ChangeSet.objects.get()
    assert change_set.state == State.QUEUED
    assert operator_client.get(done.url).status_code == 200
    apply_change_set.call(change_set.pk)
    change_set.refresh_from_db()
    assert (change_set.state, change_set.changed) == (State.APPLIED, 3)
