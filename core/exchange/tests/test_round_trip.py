"""What an export wrote is, imported, the very same again."""

from __future__ import annotations

import datetime as dt
import io
import json
from contextlib import contextmanager

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.changes import Import, Match, Plan, Selection, apply, plan
from core.changes.importing import importable
from core.changes.models import ChangeSet
from core.changes.operations import stored_value
from core.changes.rows import Rows, same
from core.changes.tests.support import add
from core.exchange.reading import read
from core.exchange.tests.test_cells import MODELS, values_of
from core.exchange.writing import FORMATS, Export, write
from core.fields import ClockField, DayField, StampField
from core.models import MediaServerItem, PassKey, User, UserConfig

KINDS = [*FORMATS, "json"]
CREATED = [model for model in MODELS if model is not PassKey]
"""A browser makes passkeys, nobody else."""
STAMPS = {
    DayField: "%Y-%m-%d",
    ClockField: "%H:%M:%S",
    StampField: "%Y-%m-%d %H:%M:%S",
}
UNIQUE = {UserConfig: "key", MediaServerItem: "item_id", PassKey: "credential_id"}
"""Columns that the database itself keeps unique."""


def cells(field):
    """Values of a column that MoviePilot can read, as operations take them."""
    form = next((f for kind, f in STAMPS.items() if isinstance(field, kind)), None)
    if form is None:
        return values_of(field)
    times = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2040, 1, 1))  # noqa: DTZ001  local
    return st.sampled_from([None, ""]) | times.map(lambda time: time.strftime(form))


def records(models):
    """A model, and values of a few of its records."""

    def rows(model):
        fields = [field for field in model._meta.fields if not field.primary_key]
        row = st.fixed_dictionaries({field.attname: cells(field) for field in fields})
        return st.tuples(st.just(model), st.lists(row, min_size=1, max_size=3))

    return st.sampled_from(models).flatmap(rows)


def storable(rows, field, value):
    """The raw value; another one where the column cannot hold it."""
    try:
        return stored_value(rows, field, value)
    except ValidationError:
        if field.null:
            return None
        return 1 if field.get_internal_type() == "IntegerField" else ""


@contextmanager
def kept(library, model, values):
    """Records with these values; yields their ids, and takes all traces away."""
    rows = Rows(model)
    known = []
    for number, row in enumerate(values):
        raw = {n: storable(rows, model.column(n), value) for n, value in row.items()}
        if model in UNIQUE:
            raw[UNIQUE[model]] = f"{raw[UNIQUE[model]]}{number}"
        if model is PassKey:
            raw["user_id"] = library.insert("user", name="u", is_superuser=False)
        known.append(raw)
    yield add(library, model._meta.db_table, known)
    # In this order: PostgreSQL keeps users that have passkeys.
    for each in (PassKey, User) if model is PassKey else (model,):
        library.execute(f'DELETE FROM "{each._meta.db_table}"')
    Plan.objects.all().delete()
    ChangeSet.objects.all().delete()


def exported(model, ids, kind):
    """The bytes of an export of everything."""
    columns = [field.attname for field in model._meta.fields]
    export = Export(model, columns, ids, with_secrets=True)
    data = b"".join(write(export, FORMATS["jsonl" if kind == "json" else kind]))
    if kind == "json":
        lines = data.decode().split("\n")
        return json.dumps([json.loads(line) for line in lines if line]).encode()
    return data


def importing(model, data, kind, match):
    """A plan of an import of every column that can be imported."""
    is_sealed = bool(model.secret_fields)
    packed = read(io.BytesIO(data), name=f"x.{kind}", is_sealed=is_sealed).packed
    names = packed.head.names
    columns = {
        name: names.index(name) for name in importable(model, match) if name in names
    }
    doing = Import(packed, columns, match=match)
    return plan(model, doing, selection=Selection(model, ids=[]))


bounded = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,  # a failure in CI is one here
    suppress_health_check=[*HealthCheck],
)


@pytest.mark.parametrize("kind", KINDS)
@bounded
@given(records(MODELS))
def test_an_export_is_unchanged_when_imported(
    library, without_expectations, kind, example
):
    model, values = example
    with kept(library, model, values) as ids:
        made = importing(model, exported(model, ids, kind), kind, Match.ID)

        assert made.preview.invalid == []
        assert made.preview.unchanged == len(ids)


@pytest.mark.parametrize("kind", KINDS)
@bounded
@given(records(CREATED))
def test_an_export_fills_an_emptied_table_with_the_same(
    library, without_expectations, kind, example
):
    model, values = example
    with kept(library, model, values) as ids:
        before = [*Rows(model).snapshots(ids).values()]
        data = exported(model, ids, kind)
        library.execute(f'DELETE FROM "{model._meta.db_table}"')

        made = importing(model, data, kind, Match.NONE)
        assert made.preview.invalid == []
        change_set = apply(made)

        assert change_set.changed == len(ids)
        after = [*Rows(model).snapshots(sorted(change_set.record_ids())).values()]
        for name in {*Rows(model).columns} - model.locked_fields:
            for one, other in zip(before, after, strict=True):
                assert same(one[name], other[name]), name
