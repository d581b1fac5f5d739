"""The home page: what there is, what happened last, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.admin import navigation
from core.admin.counts import Count
from core.admin.kept_counts import Question, counts
from core.admin.log_size import log_size
from core.changes import ChangeSet
from core.models.base import Record
from core.permissions import may, sees_every_table, visible_tables
from core.redaction import error_line
from core.schema import inspect, place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from core.permissions import Person
    from core.schema import TableReport

LATEST = 8
# What an operator wants to know of at once. Each is answered by an index, or by a
# table that stays small.
TROUBLES = [
    Question("history.transferhistory", (("status", "0"),)),
    Question("sites.sitestatistic", (("lst_state", "1"),)),
    Question("core.workflow", (("state", "F"),)),
    Question("core.passkey", (("orphans", "1"),)),
    Question("core.userconfig", (("orphans", "1"),)),
]


@dataclass(frozen=True)
class Row:
    """One table of a tile."""

    link: navigation.Link
    count: Count | None
    """None where the table cannot be read."""


@dataclass(frozen=True)
class Tile:
    """One domain."""

    section: navigation.Section
    rows: list[Row]


@dataclass(frozen=True)
class Trouble:
    """Records that need a look."""

    label: str
    url: str
    count: Count


@require_safe
def show(request: HttpRequest) -> TemplateResponse:
    """The home page."""
    may_see_changes = request.user.has_perm("core.view_changeset")
    context: dict[str, Any] = {
        "database": database(),
        "has_changes": may_see_changes,
        "latest": latest(request.user) if may_see_changes else (),
        "log": log_size() if may_see_changes else None,
    }
    try:
        reports = inspect(connections["moviepilot"])
        usable = {name for name, report in reports.items() if report.is_usable}
        context |= {
            **_counts(request.user, usable),
            "unusable": _unusable(request.user, reports),
        }
    except DatabaseError as error:
        context["problem"] = error_line(error)
    return TemplateResponse(request, "core/home.html", context)


def latest(person: Person) -> QuerySet[ChangeSet]:
    """The last changes of tables the operator may see."""
    found = ChangeSet.objects.order_by("-pk")
    if not sees_every_table(person):
        found = found.filter(table__in=visible_tables(person))
    return found[:LATEST]


def _unusable(person: Person, reports: Mapping[str, TableReport]) -> list[TableReport]:
    """The tables that cannot be used, of those the operator may see."""
    names = {apps.get_model(t)._meta.db_table for t in visible_tables(person)}
    return [
        each for each in reports.values() if not each.is_usable and each.table in names
    ]


def database() -> dict[str, str]:
    """Which database is attached, without what signs in to it."""
    connection = connections["moviepilot"]
    return {
        "kind": connection.display_name,
        "place": place(connection),
        "zone": settings.MOVIEPILOT_TZ,
    }


def _counts(person: Person, usable: set[str]) -> dict[str, Any]:
    """The tiles and the troubles, whose counts are asked for together.

    All are asked for, whoever looks: the answers are kept for everybody.
    """
    tables = [table for _label, _icon, found in navigation.SECTIONS for table in found]
    questions = [Question(table) for table in tables if _is_usable(table, usable)]
    in_trouble = [each for each in TROUBLES if _can_be_asked(each, usable)]
    found = counts([*questions, *in_trouble])
    return {
        "tiles": [_tile(section, found) for section in navigation.sections(person)],
        "troubles": [
            _trouble(each, found[each])
            for each in in_trouble
            if found[each].number and may(person, "view", each.table)
        ],
    }


def _is_usable(table: str, usable: set[str]) -> bool:
    model = apps.get_model(table)
    return issubclass(model, Record) and model._meta.db_table in usable


def _can_be_asked(question: Question, usable: set[str]) -> bool:
    conditions = apps.get_model(question.table).conditions
    asked = [conditions[name] for name, _v in question.conditions if name in conditions]
    needed = {each.needs for each in asked if each.needs}
    return _is_usable(question.table, usable) and needed <= usable


def _trouble(question: Question, number: Count) -> Trouble:
    """A kind of trouble there are records of."""
    labels = {
        "history.transferhistory": _("Failed transfers"),
        "sites.sitestatistic": _("Sites that could not be reached"),
        "core.workflow": _("Workflows that failed"),
        "core.passkey": _("Passkeys without a user"),
        "core.userconfig": _("Settings without a user"),
    }
    url = f"{navigation.link_to(question.table).url}?{urlencode(question.conditions)}"
    return Trouble(labels[question.table], url, number)


def _tile(section: navigation.Section, found: dict[Question, Count]) -> Tile:
    return Tile(section, [Row(link, _count(link, found)) for link in section.links])


def _count(link: navigation.Link, found: dict[Question, Count]) -> Count | None:
    model: Any = apps.get_model(link.table)
    if not issubclass(model, Record):
        # The console's own tables, whose writes nobody is told of.
        return Count(model.objects.count())
    return found.get(Question(link.table))
