"""What every Oper can do, attached to its model or alone."""

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps

from core.changes import ChangeSet, InvalidValues, RecordMoved, undo
from core.changes.tests.support import add
from core.current import acting_as
from core.models.base import Record
from core.opers.base import RecordOper, RecordQuerySet
from history.opers import SubscribeHistoryOper
from sites.models import Site, SiteIcon
from sites.opers import SiteIconOper, SiteOper

RECORDS = [model for model in apps.get_models() if issubclass(model, Record)]


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
def test_every_table_has_its_oper_which_also_works_alone(sqlite_library, model):
    attached = model.objects

    alone = type(attached)()

    assert isinstance(attached, RecordOper)
    assert isinstance(attached.get_queryset(), RecordQuerySet)
    assert type(attached).record == model._meta.label
    assert (attached.list(), alone.list()) == ([], [])
    assert alone.get_queryset().model is model


@pytest.fixture
def icons(library):
    """Ids of three icons; their table has an Oper with nothing but what all have."""
    rows = [{"name": f"s{n}", "domain": f"s{n}.example", "url": "v"} for n in range(3)]
    return add(library, "siteicon", rows)


def test_get_finds_by_id_or_by_any_column_or_finds_nothing(icons):
    first, second, _third = icons
    oper = SiteIconOper()

    assert oper.get(sid=second).name == "s1"
    assert oper.get(second).name == "s1"
    assert oper.find(second).name == "s1"
    assert oper.get(domain="s0.example").pk == first
    assert oper.get(sid=first, name="s1") is None
    assert oper.get(sid=999) is None
    assert async_to_sync(oper.async_get)(sid=second).name == "s1"


def test_list_is_in_order_of_ids(icons):
    assert [icon.pk for icon in SiteIconOper().list()] == icons
    assert [icon.pk for icon in async_to_sync(SiteIconOper().async_list)()] == icons


def test_adding_updating_and_deleting_are_changes(library, operator):
    oper = SiteIconOper()

    with acting_as(operator):
        pk = oper.add(SiteIcon(name="n", domain="n.example", url="v"), reason="new")
        updated = oper.update(sid=pk, name="New Name")
        assert oper.delete(sid=pk)

    assert updated.name == "New Name"
    assert oper.get(sid=pk) is None
    kinds = ChangeSet.objects.order_by("pk").values_list("kind", "operator_name")
    assert [*kinds] == [("create", "olivia"), ("edit", "olivia"), ("delete", "olivia")]
    assert ChangeSet.objects.get(kind="create").reason == "new"


def test_a_payload_may_hold_more_than_columns(icons):
    payload = {"name": "new", "id": 99, "unheard_of": 1}

    updated = SiteIconOper().update(icons[0], payload)

    assert (updated.pk, updated.name) == (icons[0], "new")
    with pytest.raises(InvalidValues):
        SiteIconOper().update(icons[0], unheard_of=1)


def test_what_is_not_there_is_neither_updated_nor_deleted(library):
    assert SiteIconOper().update(sid=1, name="x") is None
    assert SiteIconOper().delete(sid=1) is False

    assert not ChangeSet.objects.exists()


def test_an_update_to_the_same_values_is_no_change(icons):
    assert SiteIconOper().update(icons[0], name="s0").name == "s0"

    assert not ChangeSet.objects.exists()


def test_a_record_keeps_the_id_it_is_added_with(library):
    assert (
        SiteIconOper().add(SiteIcon(id=77, name="n", domain="n.example", url="v")) == 77
    )


def test_a_revision_starts_over_when_somebody_was_quicker(library, icons):
    pk, seen = icons[0], []

    def revise(icon):
        seen.append(icon.name)
        if len(seen) == 1:
            library.update("siteicon", pk, name="theirs")
        return {"name": icon.name + "+"}

    revised = SiteIconOper()._revise(pk, revise)

    assert seen == ["s0", "theirs"]
    assert revised.name == "theirs+"


def test_a_revision_gives_up_when_others_never_rest(library, icons):
    def revise(icon):
        library.update("siteicon", icon.pk, name=icon.name + "x")
        return {"name": "mine"}

    with pytest.raises(RecordMoved):
        SiteIconOper()._revise(icons[0], revise)


def test_many_are_edited_and_deleted_in_one_change_each(library, icons):
    oper = SiteIconOper()
    before = library.dump()

    assert oper._edit_ids([*icons, 999], url="u") == 3
    assert oper._edit_ids(icons, url="u") == 0
    assert oper._delete_ids([*icons[1:], 999]) == 2

    assert [icon.pk for icon in oper.list()] == icons[:1]
    changes = [*ChangeSet.objects.order_by("-pk")]
    assert [change_set.kind for change_set in changes] == ["delete", "edit"]
    for change_set in changes:
        undo(change_set)
    assert library.dump() == before


def test_values_are_checked(icons):
    with pytest.raises(InvalidValues):
        SiteOper().add(Site(name="n", url="u", timeout="soon"))
    with pytest.raises(InvalidValues):
        SubscribeHistoryOper().add(
            SubscribeHistoryOper().get_queryset().model(vote="x")
        )
