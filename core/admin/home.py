"""The home page: what there is, what happened last, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections
from django.db.models import Model
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from core.admin import navigation
from core.admin.counts import Count, count
from core.changes import ChangeSet
from core.models.base import Record
from core.schema import inspect, place

if TYPE_CHECKING:
    from django.http import HttpRequest

LATEST = 8
# What an operator wants to know of at once. Each is answered by an index, or by a
# table that stays small.
TROUBLES = [
    ("history.transferhistory", {"status": "0"}),
    ("sites.sitestatistic", {"lst_state": "1"}),
    ("core.workflow", {"state": "F"}),
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
    }
    try:
        reports = inspect(connections["moviepilot"])
        usable = {name for name, report in reports.items() if report.is_usable}
        context |= {
            "tiles": [_tile(section, usable) for section in navigation.sections()],
            "troubles": troubles(usable),
            "unusable": [each for each in reports.values() if not each.is_usable],
        }
    except DatabaseError as error:
        context["problem"] = str(error).strip().partition("\n")[0]
    return TemplateResponse(request, "core/home.html", context)


def database() -> dict[str, str]:
    """Which database is attached, without what signs in to it."""
    connection = connections["moviepilot"]
    return {
        "kind": connection.display_name,
        "place": place(connection),
        "zone": settings.MOVIEPILOT_TZ,
    }


def troubles(usable: set[str]) -> list[Trouble]:
    """The kinds of trouble there are records of."""
    labels = {
        "history.transferhistory": _("Failed transfers"),
        "sites.sitestatistic": _("Sites that could not be reached"),
        "core.workflow": _("Workflows that failed"),
    }
    found = []
    for table, wanted in TROUBLES:
        model = apps.get_model(table)
        if model._meta.db_table not in usable:
            continue
        number = count(model._default_manager.get_queryset().matching(wanted))
        url = f"{navigation.link_to(table).url}?{urlencode(wanted)}"
        found.append(Trouble(labels[table], url, number))
    return [each for each in found if each.count.number]


def _tile(section: navigation.Section, usable: set[str]) -> Tile:
    return Tile(section, [Row(link, _count(link, usable)) for link in section.links])


def _count(link: navigation.Link, usable: set[str]) -> Count | None:
    model: type[Model] = apps.get_model(link.table)
    if issubclass(model, Record) and model._meta.db_table not in usable:
        return None
    return count(model._default_manager.get_queryset())
