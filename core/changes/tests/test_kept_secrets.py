"""Secret values: never plain in the console's database, and put back all the same."""

import pytest
from django.db import connection

from core.changes import (
    ChangeEntry,
    Create,
    Delete,
    Plan,
    RecordMoved,
    Selection,
    Set,
    SetNull,
    State,
    apply,
    create_records,
    delete_records,
    fingerprint,
    plan,
    save_record,
    settle_all,
    undo,
)
from core.changes.models import BatchState, ChangeSet
from core.changes.tests.support import add_sites, edit, stored
from core.models import PluginData, SystemConfig
from core.secrets import MASK, Masked, UnreadableSecret
from sites.models import Site

OLD = "synthetic-old-cookie-7c1d"
NEW = "synthetic-new-cookie-93fe"


def assert_nowhere(console, *secrets):
    """No byte of the console's database, or of its log, tells a secret."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in console.parent.glob(f"{console.name}*"):
        kept = path.read_bytes()
        for secret in secrets:
            assert secret.encode() not in kept, f"{secret} in {path.name}"
            assert secret.encode("utf-16-le") not in kept


def test_a_secret_saved_alone_is_kept_sealed_and_put_back(library, console):
    pk, neighbour = add_sites(library, 2, cookie=OLD)
    before = library.dump()

    change_set = save_record(Site, pk, {"cookie": NEW, "timeout": 60})

    assert stored(Site, pk, "cookie") == NEW
    assert stored(Site, neighbour, "cookie") == OLD
    assert_nowhere(console, OLD, NEW)
    undo(change_set)
    assert_nowhere(console, OLD, NEW)
    assert library.dump() == before


@pytest.mark.parametrize(
    "stored_json",
    [
        '{"note": {"Api_Token": "%s"}}',
        '{"\\u0074oken": "%s"}',
        '["https://tracker.example/rss?a=1&passkey=%s"]',
        '{"key": "%s"}',
        '{"password": ["%s", {"any": "open"}]}',
    ],
    ids=["name", "escaped-name", "address", "key", "below-a-name"],
)
def test_secret_parts_of_json_are_sealed_too(library, console, stored_json):
    old = stored_json % OLD
    [pk] = add_sites(library, 1, note=old)
    before = library.dump()

    change_set = delete_records(Site, [pk])

    assert_nowhere(console, OLD)
    [entry] = change_set.entries.all()
    [shown] = [each for each in entry.fields() if each.field == "note"]
    assert shown.before == old  # for the page to mask part by part
    undo(change_set)
    assert_nowhere(console, OLD)
    assert library.dump() == before


def test_json_without_secrets_is_kept_readable(library, console):
    [pk] = add_sites(library, 1, note='{"title": "The Passenger", "year": 1975}')

    change_set = delete_records(Site, [pk])

    assert "The Passenger" in change_set.entries.get().before


def test_secrets_edited_in_bulk_are_sealed_in_plans_previews_and_entries(
    library, console
):
    add_sites(library, 3, cookie=OLD, rss=f"https://s.example/rss?key={OLD}")
    before = library.dump()
    operations = {"cookie": Set(NEW), "token": Set(NEW + "-token"), "rss": SetNull()}

    made = plan(Site, operations, selection=Selection(Site))
    assert_nowhere(console, OLD, NEW)
    change_set = apply(Plan.objects.get(pk=made.pk))

    assert {*library.execute("SELECT cookie, token, rss FROM site")} == {
        (NEW, NEW + "-token", None)
    }
    assert_nowhere(console, OLD, NEW)
    undo(change_set)
    assert_nowhere(console, OLD, NEW)
    assert library.dump() == before


@pytest.mark.usefixtures("without_expectations")
def test_secrets_are_sealed_when_records_are_made_and_deleted(library, console):
    row = {"name": "n", "url": "https://n.example/", "cookie": NEW, "apikey": OLD}
    before = library.dump()

    first = apply(plan(Site, Create([row])))
    second = create_records(Site, [row, row])
    third = apply(plan(Site, Delete(), selection=Selection(Site, ids=[1])))
    fourth = delete_records(Site, [2])

    assert_nowhere(console, OLD, NEW)
    for change_set in (fourth, third, second, first):
        undo(change_set)
    assert_nowhere(console, OLD, NEW)
    assert library.dump() == before


def test_what_is_shown_of_a_secret_is_a_mask(library):
    [pk] = add_sites(library, 1, cookie=OLD)
    made = plan(Site, {"cookie": Set(NEW), "token": Set("")})

    [sample] = made.preview.samples
    assert sample.before == {"cookie": {"masked": MASK}, "token": None}
    assert sample.after == {"cookie": {"masked": MASK}, "token": ""}
    assert "cookie" not in made.preview.distribution
    [entry] = apply(made).entries.all()
    fields = {change.field: change for change in entry.fields()}
    assert isinstance(fields["cookie"].before, Masked)
    assert (fields["cookie"].before, fields["cookie"].after) == (MASK, MASK)
    # Whether there is one is no secret.
    assert (fields["token"].before, fields["token"].after) == (None, "")
    assert NEW not in str(fields)
    assert stored(Site, pk, "cookie") == NEW


def test_secrets_inside_a_setting_are_masked_and_sealed(library, console):
    pk = library.insert(
        "systemconfig",
        key="Downloaders",
        value=f'[{{"name": "qb", "type": "qbittorrent", '
        f'"config": {{"password": "{OLD}", "port": 1}}}}]',
    )
    plugin = library.insert("plugindata", plugin_id="P", key="k", value=f'["{OLD}"]')
    before = library.dump()
    config = {"password": NEW, "port": 2}
    value = [{"name": "qb", "type": "qbittorrent", "config": config}]

    made = plan(SystemConfig, {"value": Set(value)})
    assert_nowhere(console, OLD, NEW)
    first = apply(made)
    second = edit(PluginData, value={"any": NEW})
    third = delete_records(PluginData, [plugin])

    assert_nowhere(console, OLD, NEW)
    [entry] = first.entries.all()
    [change] = entry.fields()
    assert MASK in change.after
    assert '"port": 2' in change.after
    for change_set in (third, second, first):
        undo(change_set)
    assert library.dump() == before
    assert stored(SystemConfig, pk, "value").count(OLD) == 1


def test_what_a_form_showed_of_a_secret_is_told_by_a_keyed_hash(library, settings):
    [pk] = add_sites(library, 1, cookie=OLD)
    shown = fingerprint(Site, "cookie", OLD)
    settings.SECRET_KEY = "synthetic-other-key"

    assert OLD not in shown
    assert fingerprint(Site, "cookie", OLD) != shown
    with pytest.raises(RecordMoved):
        save_record(Site, pk, {"cookie": NEW}, shown={"cookie": shown})


def test_under_another_key_an_undo_says_what_to_do_and_changes_nothing(
    library, settings
):
    add_sites(library, 3, cookie=OLD)
    change_set = edit(Site, cookie=NEW)
    before = library.dump()
    key, settings.SECRET_KEY = settings.SECRET_KEY, "synthetic-other-key"

    with pytest.raises(UnreadableSecret, match="SECRET_KEY_FALLBACKS"):
        undo(change_set)

    assert library.dump() == before
    undoing = ChangeSet.objects.get(kind="undo")
    assert (undoing.state, undoing.changed) == (State.STOPPED, 0)
    [change] = change_set.entries.first().fields()
    assert (change.before, change.after) == (MASK, MASK)
    settings.SECRET_KEY_FALLBACKS = [key]
    assert undo(change_set).change_set == undoing
    assert stored(Site, 1, "cookie") == OLD


def test_under_another_key_a_plan_with_secrets_is_not_applied(library, settings):
    add_sites(library, 1, cookie=OLD)
    made = plan(Site, {"cookie": Set(NEW)})
    settings.SECRET_KEY = "synthetic-other-key"

    with pytest.raises(UnreadableSecret):
        apply(made)

    assert stored(Site, 1, "cookie") == OLD
    assert not ChangeSet.objects.exists()


def test_one_unreadable_change_set_does_not_keep_others_from_being_settled(
    library, settings
):
    add_sites(library, 2, cookie=OLD)
    sealed, plain = edit(Site, cookie=NEW), edit(Site, timeout=60)
    for change_set in (sealed, plain):
        change_set.batches.update(state=BatchState.PENDING)
    ChangeSet.objects.update(
        state=State.APPLYING, worker="gone 1 x", changed=0, position=0
    )
    settings.SECRET_KEY = "synthetic-other-key"

    assert settle_all() == [plain]

    plain.refresh_from_db()
    assert (plain.state, plain.changed) == (State.APPLIED, 2)
    sealed.refresh_from_db()
    assert (sealed.state, sealed.lease_until) == (State.APPLYING, None)


def test_a_column_nobody_marked_secret_is_kept_plain(library):
    add_sites(library, 1)

    edit(Site, ua="plain-to-see")

    assert "plain-to-see" in ChangeEntry.objects.get().after
