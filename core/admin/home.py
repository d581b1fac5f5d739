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

from core.admin import navigation
from core.admin.counts import Count
from core.admin.kept_counts import Question, counts
from core.admin.log_size import log_size
from core.changes import ChangeSet
from core.models.base import Record
from core.redaction import error_line
from core.schema import inspect, place

if TYPE_CHECKING:
    from django.http import HttpRequest

LATEST = 8
# What an operator wants to know of at once. Each is answered by an index, or by a
# table that stays small.
TROUBLES = [
    Question("history.transferhistory", (("status", "0"),)),
    Question("sites.sitestatistic", (("lst_state", "1"),)),
    Question("core.workflow", (("state", "F"),)),
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


def show(request: HttpRequest) -> TemplateResponse:
    """The home page."""
    context: dict[str, Any] = {
        "database": database(),
        "latest": ChangeSet.objects.order_by("-pk")[:LATEST],
        "log": log_size(),
    }
    try:
        reports = inspect(connections["moviepilot"])
        usable = {name for name, report in reports.items() if report.is_usable}
        context |= {
            **_counts(usable),
            "unusable": [each for each in reports.values() if not each.is_usable],
        }
    except DatabaseError as error:
        context["problem"] = error_line(error)
    return TemplateResponse(request, "core/home.html", context)


def database() -> dict[str, str]:
    """Which database is attached, without what signs in to it."""
    connection = connections["moviepilot"]
    return {
        "kind": connection.display_name,
        "place": place(connection),
        "zone": settings.MOVIEPILOT_TZ,
    }


def _counts(usable: set[str]) -> dict[str, Any]:
    """The tiles and the troubles, whose counts are asked for together."""
    sections = navigation.sections()
    tables = [link.table for section in sections for link in section.links]
    questions = [Question(table) for table in tables if _is_usable(table, usable)]
    in_trouble = [each for each in TROUBLES if _is_usable(each.table, usable)]
    found = counts([*questions, *in_trouble])
    return {
        "tiles": [_tile(section, found) for section in sections],
        "troubles": [
            _trouble(each, found[each]) for each in in_trouble if found[each].number
        ],
    }


def _is_usable(table: str, usable: set[str]) -> bool:
    model = apps.get_model(table)
    return issubclass(model, Record) and model._meta.db_table in usable


def _trouble(question: Question, number: Count) -> Trouble:
    """A kind of trouble there are records of."""
    labels = {
        "history.transferhistory": _("Failed transfers"),
        "sites.sitestatistic": _("Sites that could not be reached"),
        "core.workflow": _("Workflows that failed"),
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
