"""The one door: what does not come through it is refused by the database itself."""

import ast
import re

import pytest
from django.apps import apps
from django.db import DatabaseError, connections
from django.db.models import QuerySet

from core.changes import ChangeSet, Delete, Selection, apply, create_records, plan, undo
from core.changes.door import write_transaction
from core.changes.tests.support import add, add_sites, edit
from core.models.base import Record
from core.opers.keyset import Keyset
from core.tests.support.layers import sources
from core.tests.support.shapes import make_moviepilots
from sites.models import Site, SiteIcon

RECORDS = [model for model in apps.get_models() if issubclass(model, Record)]
STATEMENTS = [
    "INSERT INTO site (name, url) VALUES ('x', 'u')",
    "UPDATE site SET name = 'x'",
    "DELETE FROM site",
    "CREATE TABLE ours (id INTEGER)",
    "CREATE INDEX ours ON site (ua)",
    "ALTER TABLE site ADD COLUMN ours INTEGER",
    "DROP TABLE site",
]


def test_no_model_method_writes_a_record(library):
    for model in RECORDS:
        check_methods(library, model)


def check_methods(library, model):
    before = library.dump()
    new, known = model(), model(pk=1)
    rows = QuerySet(model)
    column = next(f.name for f in model._meta.fields if not f.primary_key)

    attempts = [
        new.save,
        lambda: known.save(force_update=True),
        lambda: rows.create(),
        lambda: rows.bulk_create([model()]),
        lambda: rows.bulk_update([known], [column]),
        lambda: rows.update(**{column: "1"}),
        lambda: rows.filter(pk=1).delete(),
        lambda: rows._raw_delete("moviepilot"),
        lambda: rows.get_or_create(pk=1),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError, match=r"(?i)read-?only"):
            attempt()

    assert library.dump() == before


def test_no_statement_writes(library):
    add_sites(library, 2)
    before, schema = library.dump(), library.schema()

    for statement in STATEMENTS:
        with (
            connections["moviepilot"].cursor() as cursor,
            pytest.raises(DatabaseError, match=r"(?i)read-?only"),
        ):
            cursor.execute(statement)

    assert (library.dump(), library.schema()) == (before, schema)


def test_the_door_is_closed_again_whatever_happened_behind_it(library):
    add_sites(library, 1)
    with write_transaction() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE site SET ua = 'through the door'")
    with pytest.raises(ZeroDivisionError):
        fail_behind_the_door()

    with pytest.raises(DatabaseError):
        connections["moviepilot"].cursor().execute(STATEMENTS[1])
    assert library.execute("SELECT ua FROM site") == [("through the door",)]


def fail_behind_the_door():
    with write_transaction() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE site SET ua = 'rolled back'")
        raise ZeroDivisionError


def test_the_door_does_not_open_inside_another_transaction(library):
    add_sites(library, 1)

    with pytest.raises(RuntimeError), write_transaction(), write_transaction():
        pass

    with pytest.raises(DatabaseError):
        connections["moviepilot"].cursor().execute(STATEMENTS[1])


# --- Nothing is left behind in a foreign database


def footprint(library):
    """All that could be seen of us besides the rows."""
    found = [library.schema()]
    if library.vendor == "sqlite":
        names = ("journal_mode", "application_id", "user_version", "schema_version")
        found += [str(library.execute(f"PRAGMA {name}")) for name in names]
        found += [path.name for path in library.path.parent.glob("user.db*")]
    return found


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_a_foreign_database_bears_no_trace_of_the_console(library, mode):
    make_moviepilots(library)
    ids = add_sites(library, 5, note='{"a": 1}')
    if library.vendor == "sqlite":
        library.execute(f"PRAGMA journal_mode={mode}")
    # A reader keeps WAL's files in place, as a running MoviePilot does.
    library.moviepilot_connect().execute("SELECT 1 FROM site").fetchone()
    before, traces = library.dump(), footprint(library)

    matching = Site.objects.get_queryset().matching({"pri__gte": "1"}, "s", ["name"])
    assert len(Keyset(matching, ["-pri"], 3).page().records) == 3
    done = [
        edit(Site, timeout=60, note={"b": 2}, ua=""),
        create_records(Site, [{"name": "n", "url": "u"}]),
        apply(plan(Site, Delete(), selection=Selection(Site, ids=ids[:2]))),
    ]
    assert library.dump() != before
    for change_set in reversed(done):
        undo(change_set)

    assert library.dump() == before
    assert footprint(library) == traces


# --- Nothing in the code goes round the door

WRITING = {
    "save",
    "asave",
    "delete",
    "adelete",
    "update",
    "aupdate",
    "create",
    "acreate",
    "bulk_create",
    "abulk_create",
    "bulk_update",
    "abulk_update",
    "get_or_create",
    "aget_or_create",
    "update_or_create",
    "aupdate_or_create",
    "_raw_delete",
}
# File → what it may call such methods on: the console's own models and forms.
OWN = {
    "core/auth/backend.py": {"operator"},
    "core/auth/passkeys.py": {"same"},
    "core/auth/signin_log.py": {"SignIn", "tried"},
    "core/auth/totp.py": {"Operator"},
    "core/auth/own_passkeys.py": {"OperatorPassKey"},
    "core/admin/own_factors.py": {"Operator", "OperatorPassKey"},
    "core/admin/own_password.py": {"operator"},
    "core/auth/relying_party.py": {"request"},
    "core/auth/sessions.py": {"self", "OperatorSession", "row", "found"},
    "core/roles.py": {"operator", "Group"},
    "core/models/audit.py": {"self"},
    "core/opers/watched.py": {"digest"},
    "core/schema/migrating.py": {"remembered"},
    "core/admin/preferences.py": {"Operator"},
    "core/admin/operators/adding.py": {"form"},
    "core/admin/operators/deeds.py": {"operator"},
    "core/admin/importing/pages.py": {"made"},
    "core/worker/database.py": {"DBTaskResult"},
    "core/rescue/operators.py": {"operator"},
}
# Keeps a file of its own and knows no record.
APART = re.compile(r"core/cache/")
DOOR_KEEPERS = {"core/management/commands/migrate.py": {"schema_door"}}
STATEMENT = re.compile(
    r"\s*(INSERT INTO|UPDATE \S+ SET|DELETE FROM|ALTER TABLE|DROP|CREATE TABLE)\b"
)


def product_code():
    """All our code but the engine, migrations and tests."""
    return sources(re.compile(r"core/changes/|/tests/|/migrations/"))


def is_oper(node):
    """Whether this is an Oper: its update() and delete() go through the door."""
    if isinstance(node, ast.Attribute):
        return node.attr == "objects"
    name = node.func if isinstance(node, ast.Call) else node
    return isinstance(name, ast.Name) and (
        name.id in {"self", "super", "oper"} or name.id.endswith("Oper")
    )


def calls(tree):
    """(name of the function, what it is called on, line) of every call but an Oper's
    own.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in {"update", "delete", "save"} and is_oper(
                node.func.value
            ):
                continue
            yield node.func.attr, root(node.func.value), node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, "", node.lineno


def root(node):
    """The name at the beginning of a chain: `Site` of Site.objects.filter(…)."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def test_nothing_outside_the_engine_writes_records():
    found = [
        f"{name}:{line}: {on}….{method}()"
        for name, tree in product_code()
        for method, on, line in calls(tree)
        if method in WRITING and on not in OWN.get(name, ()) and not APART.match(name)
    ]

    assert found == []


def test_nothing_outside_the_engine_opens_the_door():
    found = [
        f"{name}:{line}: {function}()"
        for name, tree in product_code()
        for function, _on, line in calls(tree)
        if function in {"write_transaction", "schema_door", "_sqlite_writable"}
        and function not in DOOR_KEEPERS.get(name, ())
    ]

    assert found == []


def test_nothing_outside_the_engine_spells_a_writing_statement():
    found = [
        f"{name}:{node.lineno}: {node.value[:40]}"
        for name, tree in product_code()
        for node in ast.walk(tree)
        if not APART.match(name)
        and isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and STATEMENT.match(node.value)
    ]

    assert found == []


def test_the_watch_over_the_code_sees_what_it_is_for():
    code = """
Site.objects.filter(pk=1).update(ua="x")
site.save()
for each in found: each.delete()
Site.objects.bulk_create([])
SiteOper().delete(1)
Site.objects.update(1, ua="x")
self.get_queryset().update(ua="x")
write_transaction()
"""

    seen = [name for name, _on, _line in calls(ast.parse(code)) if name in WRITING]

    assert sorted(seen) == ["bulk_create", "delete", "save", "update", "update"]
    assert STATEMENT.match("UPDATE site SET ua = 1")
    assert not STATEMENT.match("Delete records")


def test_no_model_of_records_overrides_how_it_is_written():
    for model in RECORDS:
        for method in ("save", "delete", "save_base", "asave", "adelete"):
            assert getattr(model, method) is getattr(Record, method)


def test_the_opers_write_through_the_door(library):
    [pk] = add(library, "siteicon", [{"name": "n", "domain": "a.example", "url": "v"}])

    assert SiteIcon.objects.update(pk, url="u").url == "u"
    assert (
        SiteIcon.objects.add(SiteIcon(name="m", domain="b.example", url="w")) == pk + 1
    )
    assert SiteIcon.objects.delete(pk)
    assert not SiteIcon.objects.delete(pk)

    assert library.execute("SELECT name FROM siteicon") == [("m",)]
    assert ChangeSet.objects.count() == 3
