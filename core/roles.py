"""What operators may do: four roles, kept as groups with Django's permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.contrib.auth.models import Permission

    from core.models.operators import Operator


class Role(models.TextChoices):
    """A role; its value is the name of its group."""

    VIEWER = "Viewer", _("Viewer")
    OPERATOR = "Operator", _("Operator")
    SITE_KEEPER = "Site keeper", _("Site keeper")
    ADMINISTRATOR = "Administrator", _("Administrator")


APPS = ("core", "history", "sites")
WRITES = ("add", "change", "delete")
OPERATED = (
    "core.subscribe",
    "core.mediaserveritem",
    "core.message",
    "core.workflow",
    "history.transferhistory",
    "history.downloadhistory",
    "history.downloadfiles",
    "history.subscribehistory",
)
"""Tables whose records an operator edits."""
KEPT = ("sites.site", "sites.siteicon", "sites.sitestatistic", "sites.siteuserdata")
"""Tables whose records and secrets a site keeper sees and edits."""


def permissions_of(role: Role) -> set[str]:
    """The permissions of a role, as `app.codename`; every one for an administrator."""
    if role is Role.ADMINISTRATOR:
        return {_name(each) for each in _all_permissions()}
    names = {"core.view_changeset", *_on(_tables(), ("view",))}
    if role is not Role.VIEWER:
        names |= {*_on(OPERATED, WRITES)} | {
            "core.undo_own_changeset",
            "core.import_records",
            "core.export_records",
        }
    if role is Role.SITE_KEEPER:
        names |= {*_on(KEPT, (*WRITES, "reveal"))}
    return names


def give(operator: Operator, role: Role | None) -> None:
    """Put the operator into the group of this role and no other, and save it.

    All of it: one that is not new has to be read under a lock, or what others changed
    since, such as the step of a used code, would be put back. Without a role nobody
    gets in.
    """
    from django.contrib.auth.models import Group

    operator.role = role or ""
    operator.is_staff = role is not None
    operator.save()
    groups = Group.objects.filter(name=role) if role else Group.objects.none()
    operator.groups.set(groups)


def make_groups() -> None:
    """Make the groups, with the permissions there are by now; after each migrate."""
    from django.contrib.auth.models import Group

    known = {_name(each): each for each in _all_permissions()}
    for role in Role:
        group, _made = Group.objects.get_or_create(name=role.value)
        group.permissions.set(
            [known[name] for name in permissions_of(role) if name in known]
        )


def _tables() -> Iterator[str]:
    from core.models.base import Record

    return (
        model._meta.label_lower
        for model in apps.get_models()
        if issubclass(model, Record)
    )


def _on(tables: Iterable[str], actions: Iterable[str]) -> set[str]:
    parts = [table.split(".") for table in tables]
    return {f"{app}.{action}_{model}" for app, model in parts for action in actions}


def _all_permissions() -> Iterable[Permission]:
    from django.contrib.auth.models import Permission

    found = Permission.objects.filter(content_type__app_label__in=APPS)
    return found.select_related("content_type")


def _name(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"
