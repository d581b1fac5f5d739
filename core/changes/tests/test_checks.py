"""What MoviePilot expects of whole records is checked before any is written."""

import json

import pytest
from django.core.exceptions import ValidationError

from core.changes import (
    ChangeSet,
    Create,
    InvalidValues,
    Set,
    SetNull,
    apply,
    create_records,
    plan,
    save_record,
    undo,
)
from core.changes.tests.support import add, add_items, add_sites
from core.models import MediaServerItem, PluginData
from sites.models import Site


@pytest.fixture(autouse=True)
def expectations(monkeypatch):
    """Those of these tests, whatever the models come to declare."""
    monkeypatch.setattr(Site, "unique_by", (("domain",), ("name",)))
    monkeypatch.setattr(Site, "required_fields", frozenset({"is_active"}))
    monkeypatch.setattr(PluginData, "unique_by", (("plugin_id", "key"),))
    monkeypatch.setattr(MediaServerItem, "unique_by", (("server", "item_id"),))


def test_a_second_record_with_the_key_is_refused(library):
    first, second = add_sites(library, 2)
    before = library.dump()

    with pytest.raises(InvalidValues) as saving:
        save_record(Site, second, {"name": "s0", "pri": 7})
    with pytest.raises(InvalidValues) as creating:
        create_records(Site, [{"name": "s0", "url": "u"}])

    assert str(first) in saving.value.errors["name"][0]
    assert creating.value.errors.keys() == {"name"}
    assert library.dump() == before
    assert not ChangeSet.objects.exists()


def test_the_record_itself_is_no_second_one(library):
    [pk] = add_sites(library, 1, domain="s0.example")

    assert save_record(Site, pk, {"name": "s0", "pri": 7}) is not None
    assert save_record(Site, pk, {"name": "new", "domain": "s0.example"}) is not None


def test_null_may_stand_as_often_as_it_likes(library):
    first, second = add_sites(library, 2, domain="d")

    assert save_record(Site, first, {"domain": None}) is not None
    assert save_record(Site, second, {"domain": None}) is not None


def test_of_a_bulk_edit_the_first_gets_the_key_and_the_others_are_listed(library):
    first, second, third = add_sites(library, 3)

    made = plan(Site, {"domain": Set("one.example")})

    assert made.preview.changed == 1
    assert [pk for pk, _why in made.preview.invalid] == [second, third]
    change_set = apply(made, skip_invalid=True)
    assert (change_set.changed, change_set.failed) == (1, 2)
    assert library.execute("SELECT id FROM site WHERE domain = 'one.example'") == [
        (first,)
    ]


def test_a_key_of_two_columns_counts_as_a_whole(library):
    add_items(library, 1)
    [other] = add(library, "mediaserveritem", [{"server": "B", "item_id": "i0"}])
    [free] = add(library, "mediaserveritem", [{"server": "B", "item_id": "i9"}])

    with pytest.raises(InvalidValues):
        save_record(MediaServerItem, other, {"server": "A"})

    assert save_record(MediaServerItem, free, {"server": "A"}) is not None


def test_created_together_they_are_compared_with_each_other(library):
    rows = [{"plugin_id": "P", "key": key, "value": 1} for key in ("a", "b", "a")]

    made = plan(PluginData, Create(rows))
    change_set = apply(made, skip_invalid=True)

    assert (made.preview.changed, made.preview.invalid_count) == (2, 1)
    assert (change_set.changed, change_set.failed) == (2, 1)
    found = library.execute("SELECT key FROM plugindata ORDER BY id")
    assert found == [("a",), ("b",)]


def test_batches_of_a_preview_know_of_each_other(library, monkeypatch):
    monkeypatch.setattr("core.changes.preview.BATCH", 1)
    add_sites(library, 3)

    made = plan(Site, {"name": Set("same")})

    assert (made.preview.changed, made.preview.invalid_count) == (1, 2)


def test_what_moviepilot_cannot_read_as_null_is_never_set_so(library):
    [pk] = add_sites(library, 1, is_active=True)

    with pytest.raises(InvalidValues):
        save_record(Site, pk, {"is_active": None})
    with pytest.raises(InvalidValues):
        plan(Site, {"is_active": SetNull()})


def test_undo_may_bring_back_what_would_be_refused(library):
    first, second = add_sites(library, 2)
    library.update("site", second, name="s0", is_active=None)
    before = library.dump()
    change_set = save_record(Site, second, {"name": "new", "is_active": True})

    undo(change_set)

    assert library.dump() == before
    assert first != second


def test_a_check_of_the_whole_record_sees_it_as_it_would_be_stored(
    library, monkeypatch
):
    seen = []

    def check_record(cls, values):
        seen.append(dict(values))
        if json.loads(values["value"]) == "bad":
            raise ValidationError({"value": "This key takes no such value."})

    monkeypatch.setattr(PluginData, "checked_with", ("key", "value"))
    monkeypatch.setattr(PluginData, "check_record", classmethod(check_record))
    [pk] = add(library, "plugindata", [{"plugin_id": "P", "key": "k", "value": "1"}])

    with pytest.raises(InvalidValues) as refused:
        save_record(PluginData, pk, {"value": "bad"})
    with pytest.raises(InvalidValues):
        create_records(PluginData, [{"plugin_id": "P", "key": "n", "value": "bad"}])
    made = plan(PluginData, {"value": Set("bad")})

    assert refused.value.errors == {"value": ["This key takes no such value."]}
    assert made.preview.invalid == [(pk, "This key takes no such value.")]
    assert seen[0]["key"] == "k"
    assert seen[0]["value"] == '"bad"'
