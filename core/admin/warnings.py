"""What to know before a change: what MoviePilot does with these records by itself.

What is said here is of the program, not of the single record, but for duplicates, which
the preview has counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin.in_memory import IN_MEMORY, carried_notice, restart_notice
from core.changes import Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.utils.functional import _StrPromise

    from core.changes import Plan, Preview
    from core.models.base import Record

SYNCED = frozenset({"core.mediaserveritem"})
"""Tables MoviePilot writes anew from elsewhere."""


@dataclass(frozen=True)
class Rewritten:
    """Columns that MoviePilot writes by itself, and when."""

    columns: frozenset[str]
    text: _StrPromise
    """With %(fields)s for those that a change touches."""


REWRITTEN = {
    "core.subscribe": (
        Rewritten(
            frozenset({"lack_episode", "last_update", "note"}),
            gettext_lazy(
                "MoviePilot writes %(fields)s anew whenever it looks for what is"
                " missing or downloads something; the change lasts until then."
            ),
        ),
        Rewritten(
            frozenset({"total_episode"}),
            gettext_lazy(
                "MoviePilot refreshes %(fields)s unless “episodes set by hand” is on."
                " Turn that on as well if the number is to stay."
            ),
        ),
        Rewritten(
            frozenset({"state"}),
            gettext_lazy(
                "MoviePilot takes note of %(fields)s at its next scheduled run, and"
                " then moves it on by itself."
            ),
        ),
    ),
    "core.workflow": (
        Rewritten(
            frozenset({"state", "result", "run_count", "last_time", "current_action"}),
            gettext_lazy("MoviePilot writes %(fields)s anew whenever a workflow runs."),
        ),
    ),
    "sites.sitestatistic": (
        Rewritten(
            frozenset(
                {"success", "fail", "seconds", "lst_state", "lst_mod_date", "note"}
            ),
            gettext_lazy(
                "MoviePilot writes %(fields)s anew each time it visits the site."
            ),
        ),
    ),
    "sites.siteuserdata": (
        Rewritten(
            frozenset(),
            gettext_lazy(
                "MoviePilot replaces today's reading of a site when it reads it again."
                " Readings of earlier days stay as they are."
            ),
        ),
    ),
}
"""Table → what of it is rewritten; no columns stands for all."""

ADVICE = {
    "core.subscribe": gettext_lazy(
        "MoviePilot itself subscribes to a title only once, and goes by the older"
        " record."
    ),
    "history.transferhistory": gettext_lazy(
        "MoviePilot itself keeps one record of a source file, and replaces only one of"
        " them when it organises the file again."
    ),
    "sites.siteuserdata": gettext_lazy(
        "MoviePilot itself keeps one reading a day, and goes by the older record."
    ),
}
"""Table → what MoviePilot does where a record stands twice."""


def warnings(made: Plan) -> list[str]:
    """What an operator must know before applying this plan beside MoviePilot."""
    preview = made.preview
    if made.kind == Kind.DELETE:
        return deletion_warnings(made.table, preview)
    return [
        *table_warnings(made.table),
        *_carried_warnings(made.table, preview),
        *field_warnings(made.model, _touched(made)),
        *(duplicate_warning(each) for each in preview.duplicates),
    ]


def deletion_warnings(table: str, preview: Preview) -> list[str]:
    """What an operator must know before deleting these records."""
    found = table_warnings(table, is_delete=True)
    return found + _carried_warnings(table, preview)


def _carried_warnings(table: str, preview: Preview) -> list[str]:
    """Of tables held in memory that the change goes on in."""
    if table in IN_MEMORY:
        return []  # that has been said
    return [carried_notice(each) for each in preview.carried if each in IN_MEMORY]


def table_warnings(table: str, *, is_delete: bool = False) -> list[str]:
    """What to know before changing anything in this table."""
    found = []
    if table in IN_MEMORY:
        found.append(restart_notice())
    if table in SYNCED and is_delete:
        found.append(
            _(
                "MoviePilot builds these records again at its next synchronisation with"
                " the media server."
            )
        )
    elif table in SYNCED:
        found.append(
            _(
                "MoviePilot writes “%(table)s” anew at each synchronisation with the"
                " media server, so the change lasts until the next one."
            )
            % {"table": capfirst(str(apps.get_model(table)._meta.verbose_name_plural))}
        )
    return found


def field_warnings(model: type[Record], touched: Collection[str]) -> list[str]:
    """What to know of those of the touched columns that MoviePilot writes itself."""
    return [
        each.text % {"fields": _labels(model, each.columns & {*touched})}
        for each in REWRITTEN.get(model._meta.label_lower, ())
        if touched and (not each.columns or not each.columns.isdisjoint(touched))
    ]


def duplicate_warning(duplicate: dict[str, Any]) -> str:
    """How many records would look like others, and what comes of it."""
    table, count = duplicate["table"], duplicate["count"]
    model: type[Record] = apps.get_model(table)
    text = ngettext(
        "%(count)s record would hold the same %(columns)s as another one.",
        "%(count)s records would hold the same %(columns)s as others.",
        count,
    ) % {"count": f"{count:,}", "columns": _labels(model, duplicate["columns"])}
    parts = [text, str(ADVICE.get(table, "")), _examples(duplicate["samples"])]
    return " ".join(filter(None, parts))


def _examples(samples: list[list[Any]]) -> str:
    shown = [
        _("“%(label)s” like record %(other)s")
        % {"label": label or pk, "other": other or _("of this change")}
        for pk, label, other in samples[:3]
    ]
    return _("For example: %s.") % _(", ").join(shown) if shown else ""


def _touched(made: Plan) -> set[str]:
    """The columns that the plan writes to records that are there."""
    columns = {*made.preview.distribution}
    if made.kind == Kind.EDIT:
        columns |= {made.model.column(name).attname for name in made.operations}
    return columns


def _labels(model: type[Record], columns: Collection[str]) -> str:
    """The columns' labels, in the order of the table."""
    names = [field for field in model._meta.fields if field.attname in columns]
    return _(", ").join(f"“{capfirst(str(field.verbose_name))}”" for field in names)
