"""Every place that can hold a path is either remapped, or left out for a reason."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from core.changes.remap.members import STEP, named
from core.changes.remap.places import PLACES, parts, place_of
from core.fields import JSONColumn, decode_json
from core.models.base import Record
from core.sample import tables
from core.systemconfig.shapes import SHAPES

LEFT_OUT = {
    # A table, a column, a setting, or the last name of a member: why.
    "plugindata": "what it means only the plugin knows",
    "name": "follows the path of its file",
    "basename": "follows the path of its file",
    "fileid": "an id that the storage gives",
    "url": "an address",
    "errmsg": "an error in words",
    "UserCustomCSS": "a style sheet",
    "TransferExcludeWords": "words that may stand anywhere in a path",
    "context": "never decoded: MoviePilot unpickles it",
}
PATH = re.compile(r"(/|[A-Za-z]:[\\/]|\\\\)[^/\s]+[\\/]?[^\x00]*")
NAMED_LIKE_A_PATH = re.compile(r"(?i)path|dir$|directory|folder|^src$|^dest$|fileitem")
DATA = Path(settings.BASE_DIR, "..", "shared")


def leaves(value, where=""):
    """(members, text) of each text in a parsed value; numbers of names as *."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield from leaves(child, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list):
        for child in value:
            yield from leaves(child, f"{where}[]")
    elif isinstance(value, str):
        yield where, value


def uncovered(model, row):
    """(table, column or setting, members) of texts that look like paths and stand in
    no place.
    """
    options = model._meta
    for column, raw in row.items():
        if not isinstance(raw, str):
            continue
        setting = row["key"] if options.db_table == "systemconfig" else ""
        parts = (options.label_lower, column, setting)
        place = place_of(".".join(part for part in parts if part))
        if not isinstance(model.column(column), JSONColumn):
            if PATH.fullmatch(raw) and place is None:
                yield options.db_table, column, ""
            continue
        rest = mark(raw, place) if place else raw
        for members, text in leaves(decode_json(rest)):
            if PATH.fullmatch(text):
                yield options.db_table, setting or column, members


def mark(text, place):
    """The JSON with what the place names taken out."""
    value = json.loads(text)
    for steps in (STEP.findall(pattern) for pattern in place.members):
        for container, key, _where in [*named(value, steps)]:
            container[key] = None
    return json.dumps(value)


def is_left_out(found):
    table, column, members = found
    last = re.split(r"[.\[\]]+", members.rstrip("[]"))[-1]
    return not {table, column, last}.isdisjoint(LEFT_OUT)


def stored(row):
    return {
        name: json.dumps(value) if isinstance(value, dict | list) else value
        for name, value in row.items()
    }


def test_no_path_of_the_sample_is_missed():
    found = {
        missed
        for model, rows in tables(scale=0.02)
        for row in rows
        for missed in uncovered(model, stored(row))
    }

    assert {each for each in found if not is_left_out(each)} == set()


@pytest.mark.skipif(
    not (DATA / "data").exists(), reason="the real databases are not here"
)
@pytest.mark.parametrize("name", ["mp_2_2_7", "mp_2_1_6_upgraded_2_2_7"])
def test_no_path_of_a_real_database_is_missed(name, tmp_path):
    import lzma

    file = tmp_path / "user.db"
    packed = DATA / "data" / f"{name}.sqlite.xz"
    file.write_bytes(lzma.decompress(packed.read_bytes()))
    found = set()
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        for model in apps.get_models():
            if issubclass(model, Record):
                known = {field.attname for field in model._meta.fields}
                query = f'SELECT * FROM "{model._meta.db_table}"'
                for row in map(dict, connection.execute(query)):
                    values = {name: row[name] for name in row.keys() & known}
                    found |= {*uncovered(model, values)}

    assert {each for each in found if not is_left_out(each)} == set()


def test_every_column_that_is_named_like_a_path_is_a_place():
    columns = {
        (model._meta.label_lower, field.attname)
        for model in apps.get_models()
        if issubclass(model, Record)
        for field in model._meta.fields
        if NAMED_LIKE_A_PATH.search(field.attname)
        and not field.attname.endswith("_storage")
    }

    assert columns <= {(place.table, place.column) for place in PLACES}


def test_every_setting_with_a_member_named_like_a_path_is_a_place():
    def names(shape):
        if isinstance(shape, dict):
            for name, child in shape.get("properties", {}).items():
                yield name
                yield from names(child)
            yield from names(shape.get("items"))

    settings_ = {
        key
        for key, shape in SHAPES.items()
        if any(NAMED_LIKE_A_PATH.search(name) for name in names(shape))
    }

    assert settings_ <= {place.setting for place in PLACES}


@pytest.mark.skipif(
    not (DATA / "reference" / "systemconfigkey.json").exists(),
    reason="the reference is not here",
)
def test_every_setting_whose_shape_tells_of_paths_is_a_place():
    keys = json.loads((DATA / "reference" / "systemconfigkey.json").read_text())

    told = {
        key["value"]
        for key in keys["SystemConfigKey"]
        if re.search(r"path|directory|dir\b", key["shape"])
    }

    assert told <= {place.setting for place in PLACES}


def test_places_are_columns_of_their_tables_and_stand_together():
    for place in PLACES:
        field = place.model.column(place.column)
        assert isinstance(field, JSONColumn) is bool(place.members), place
        assert place.column not in place.model.locked_fields
    together = [part.table for part in parts([place.name for place in PLACES])]
    assert len({place.name for place in PLACES}) == len(PLACES)
    assert together == sorted(together, key=together.index)
