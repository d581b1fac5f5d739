"""Every address of the console, with arguments that lead somewhere.

    world = prepare(library)
    for route in routes():
        client.get(route.url(world, operator))

An address with parameters that nothing here knows raises NoArguments, so that a new
page is met by all who walk the addresses: add to ARGUMENTS where its records come from.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from core.admin.tests import awkward
from core.changes import Import, Match, Selection, Set, apply, draft, plan
from core.changes.remap import PLACES, Remap, plan_remap
from core.exchange.reading import read
from core.models import Message, OperatorPassKey
from core.models.base import Record
from core.roles import OPERATED, Role
from core.tests.support.people import make_operator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.changes import ChangeSet, Plan
    from core.models import Operator
    from core.tests.support.libraries import Library

NOWHERE = "nowhere"
"""What is left for the address that answers all others."""


class NoArguments(LookupError):
    """An address has parameters, and nobody said what they stand for."""


@dataclass
class World:
    """A library with a record in every table, and what was made of it for operators.

    Plans and change sets are made when first asked for: ask for all addresses before
    MoviePilot's database is compared.
    """

    library: Library
    records: dict[type[Record], int]
    made: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def once(self, make: Callable[..., Any], *given: Any) -> Any:
        """What was made of this before, or is now."""
        key = (make, *given)
        if key not in self.made:
            self.made[key] = make(self, *given)
        return self.made[key]


class Route(NamedTuple):
    """An address of the URL configuration."""

    name: str
    """With its namespace, as `reverse` takes it."""
    pattern: str
    parameters: tuple[str, ...]

    @property
    def model(self) -> type[Record] | None:
        """The table whose page this is."""
        app, _, rest = self.name.removeprefix("admin:").partition("_")
        try:
            found = apps.get_model(app, rest.partition("_")[0])
        except LookupError:
            return None
        return found if issubclass(found, Record) else None

    @property
    def page(self) -> str:
        """What a table calls its page, such as `bulk_edit`; else the whole name."""
        if self.model is None:
            return self.name
        table = self.model._meta.label_lower.replace(".", "_")
        return self.name.removeprefix(f"admin:{table}_")

    def url(self, world: World, by: Operator) -> str:
        """The address, of something that belongs to this operator where it must.

        Raises NoArguments.
        """
        if self.name == NOWHERE:
            return "/no/such/page/"
        if not self.parameters:
            return reverse(self.name)
        if self.page not in ARGUMENTS:
            text = f"Say in {__name__} what {self.name} ({self.pattern}) is given."
            raise NoArguments(text)
        given = ARGUMENTS[self.page](world, self.model, by)
        return reverse(self.name, kwargs=dict.fromkeys(self.parameters, given))


def routes() -> list[Route]:
    """All of them, in the order in which they are tried."""
    return [*_routes(get_resolver(), "", "")]


def _routes(resolver: URLResolver, space: str, before: str) -> Iterator[Route]:
    for each in resolver.url_patterns:
        pattern = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from _routes(each, inner, pattern)
        elif isinstance(each, URLPattern):
            name = f"{space}{each.name}" if each.name else NOWHERE
            # A regular expression tells no converters.
            yield Route(name, pattern, tuple(each.pattern.converters))


def prepare(library: Library) -> World:
    """A record in every table of MoviePilot."""
    # Passkeys belong to users, and PostgreSQL insists.
    models = sorted(
        awkward.record_models(), key=lambda model: model._meta.db_table == "passkey"
    )
    ids = {model: awkward.add(library, model, "plain") for model in models}
    return World(library, ids)


# --- What addresses are given


def _record(world: World, model: type[Record], by: Operator) -> int:
    return world.records[model]


def _draft(world: World, model: type[Record], by: Operator) -> str:
    made = world.once(drafted, model, by)
    return str(made.token)


def _read(world: World, model: type[Record], by: Operator) -> str:
    return str(world.once(imported, model, by).token)


def _planned(world: World, model: Any, by: Operator) -> str:
    return str(world.once(planned, by).token)


def _remap(world: World, model: Any, by: Operator) -> str:
    return str(world.once(remapped, by).token)


def _change(world: World, model: Any, by: Operator) -> int:
    return int(world.once(changed, by).pk)


def _operator(world: World, model: Any, by: Operator) -> int:
    return int(world.once(bystander).pk)


def _own_passkey(world: World, model: Any, by: Operator) -> int:
    return int(world.once(own_passkey, by).pk)


def bystander(world: World) -> Operator:
    """An operator who is none of those who walk the addresses."""
    return make_operator("bystander", Role.VIEWER)


def own_passkey(world: World, by: Operator) -> OperatorPassKey:
    """A passkey that nobody can sign in with."""
    return OperatorPassKey.objects.create(
        operator=by, credential_id=f"synthetic-{by.pk}", public_key="", name="key"
    )


def drafted(world: World, model: type[Record], by: Operator) -> Plan:
    """What a list has selected, kept for an edit or an export."""
    return draft(Selection(model, ids=[world.records[model]]), by=by)


def imported(world: World, model: type[Record], by: Operator) -> Plan:
    """A file with the record as it is."""
    text = json.dumps([{"id": world.records[model]}]).encode()
    found = read(io.BytesIO(text), is_sealed=bool(model.secret_fields))
    doing = Import(found.packed, {"id": 0}, match=Match.ID)
    return plan(model, doing, selection=Selection(model, ids=[]), by=by)


def planned(world: World, by: Operator) -> Plan:
    """An edit of a message, previewed."""
    return plan(Message, {"title": Set("planned")}, selection=_message(world), by=by)


def changed(world: World, by: Operator) -> ChangeSet:
    """An edit of a message, done."""
    operations = {"title": Set(f"changed by {by.username}")}
    return apply(plan(Message, operations, selection=_message(world), by=by), by=by)


def _message(world: World) -> Selection:
    return Selection(Message, ids=[world.records[Message]])


def remapped(world: World, by: Operator) -> Plan:
    """A path remap of what every operator edits, previewed."""
    places = [place.name for place in PLACES if place.table in OPERATED]
    return plan_remap(Remap("/old", "/new", places), by=by)


ARGUMENTS: dict[str, Callable[[World, Any, Operator], object]] = {
    **dict.fromkeys(
        ("change", "delete", "history", "restore", "reveal", "rescue"), _record
    ),
    **dict.fromkeys(("bulk_edit", "export"), _draft),
    **dict.fromkeys(("import_map", "import_preview", "import_errors"), _read),
    **dict.fromkeys(
        (
            f"admin:core_changeset_{page}"
            for page in (
                "change",
                "undo",
                "resume",
                "progress",
                "cancel",
                "queue",
                "select",
            )
        ),
        _change,
    ),
    "admin:core_plan_preview": _planned,
    "admin:remap_plan": _remap,
    "admin:core_operator_change": _operator,
    "admin:core_operator_password": _operator,
    "admin:core_operator_remove": _operator,
    "admin:own_passkey": _own_passkey,
    "admin:own_passkey_remove": _own_passkey,
}
"""A page of every table, or the name of any other address → what its parameter is."""
