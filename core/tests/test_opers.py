"""What every Oper can do, attached to its model or alone."""

import pytest
from django.apps import apps

from core.changes import ChangeSet, InvalidValues, RecordGone
from core.changes.tests.support import add_sites, counts
from core.current import acting_as
from core.models.base import Record
from core.opers.base import RecordOper, RecordQuerySet
from core.opers.subscriptions import SubscribeOper
from sites.models import Site
from sites.opers import SiteOper

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


def test_get_finds_by_id_or_by_any_column_or_finds_nothing(library):
    first, second = add_sites(library, 2)
    oper = SiteOper()

    assert oper.get(sid=second).name == "s1"
    assert oper.get(second).name == "s1"
    assert oper.get(timeout=15).pk == first
    assert oper.get(sid=first, name="s1") is None
    assert oper.get(sid=999) is None


def test_list_is_in_order_of_ids(library):
    ids = add_sites(library, 3)

    assert [site.pk for site in SiteOper().list()] == ids


def test_adding_updating_and_deleting_are_changes(library, operator):
    oper = SiteOper()

    with acting_as(operator):
        pk = oper.add(Site(name="n", url="u"), reason="new")
        change_set = oper.update(sid=pk, name="New Name")
        assert oper.get(sid=pk).name == "New Name"
        assert oper.delete(sid=pk)

    assert oper.get(sid=pk) is None
    assert counts(change_set) == {"changed": 1}
    kinds = ChangeSet.objects.order_by("pk").values_list("kind", "operator_name")
    assert [*kinds] == [("create", "olivia"), ("edit", "olivia"), ("delete", "olivia")]
    assert ChangeSet.objects.get(kind="create").reason == "new"


def test_what_is_not_there_is_neither_updated_nor_deleted(library):
    with pytest.raises(RecordGone):
        SiteOper().update(sid=1, name="x")

    assert SiteOper().delete(sid=1) is False
    assert not ChangeSet.objects.exists()


def test_an_update_to_the_same_values_is_no_change(library):
    [pk] = add_sites(library, 1)

    assert SiteOper().update(pk, timeout=15) is None
    assert not ChangeSet.objects.exists()


def test_a_record_keeps_the_id_it_is_added_with(library):
    assert SiteOper().add(Site(id=77, name="n", url="u")) == 77


def test_values_are_checked(library):
    [pk] = add_sites(library, 1)

    with pytest.raises(InvalidValues):
        SiteOper().update(pk, timeout="soon")
    with pytest.raises(InvalidValues):
        SubscribeOper().add(SubscribeOper().get_queryset().model(name=None))
