"""The records a change has left alone, by reason, as its page shows them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.apps import apps

from core.admin.bulk.form import bulk_fields
from core.admin.words import table_label
from core.changes import Problem
from core.changes.problems import left_alone
from core.permissions import may

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.http import HttpRequest

    from core.admin.base import RecordAdmin
    from core.changes import ChangeSet
    from core.changes.problems import LeftAlone
    from core.models.base import Record

MOST_GROUPS = 20
MOST_IDS = 100


@dataclass(frozen=True)
class Group:
    """Records of one table that were left alone for the same reason."""

    name: str
    """What it is called in a form."""
    model: type[Record]
    why: str
    ids: list[int]
    count: int
    """With those that have no id."""
    is_gone: bool = False
    """Whether the records were not there any more."""

    @classmethod
    def of(cls, found: LeftAlone) -> Group:
        """The group with its reason in words."""
        why = str(dict(Problem.choices).get(found.why, found.why))
        key = f"{found.table} {found.why}".encode()
        name = hashlib.sha256(key).hexdigest()[:16]
        count = len(found.ids) + found.unnamed
        is_gone = found.why == Problem.GONE
        model = apps.get_model(found.table)
        return cls(name, model, why, found.ids, count, is_gone)


@dataclass(frozen=True)
class ShownGroup:
    """A group with the addresses of its first records."""

    group: Group
    table: str
    links: list[tuple[int, str]]
    more: int
    can_be_selected: bool


def groups(change_set: ChangeSet) -> list[Group]:
    """All groups, the largest first."""
    return [Group.of(found) for found in left_alone(change_set)]


def group_named(change_set: ChangeSet, name: str) -> Group | None:
    """The group of this name."""
    return next((group for group in groups(change_set) if group.name == name), None)


def shown_groups(
    site: AdminSite, request: HttpRequest, change_set: ChangeSet
) -> list[ShownGroup]:
    """The largest groups of tables one may see, each with its first records."""
    seen = [
        each for each in groups(change_set) if may(request.user, "view", each.model)
    ]
    return [_shown(site, request, group) for group in seen[:MOST_GROUPS]]


def _shown(site: AdminSite, request: HttpRequest, group: Group) -> ShownGroup:
    model_admin = cast("RecordAdmin", site.get_model_admin(group.model))
    first = group.ids[:MOST_IDS]
    url_of = model_admin.record_url
    is_there = not group.is_gone
    return ShownGroup(
        group=group,
        table=table_label(group.model),
        links=[(pk, url_of(pk) if is_there else "") for pk in first],
        more=len(group.ids) - len(first),
        can_be_selected=bool(first and is_there and bulk_fields(model_admin))
        and model_admin.has_change_permission(request),
    )
