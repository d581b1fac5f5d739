"""Whether an operator may do something. What each role may: core.roles.

Every page, and whatever a page starts, asks here or the `has_…_permission` of the
table's RecordAdmin, which ask here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from django.apps import apps

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model

    from core.changes.models import ChangeSet
    from core.models.operators import Operator

    Person = Operator | AnonymousUser | Any

Action = Literal["view", "add", "change", "delete", "reveal"]


def may(person: Person, action: Action, model: type[Model] | str) -> bool:
    """Whether the operator may do this to records of a model or table `app.model`."""
    options = apps.get_model(model)._meta if isinstance(model, str) else model._meta
    return bool(person.has_perm(f"{options.app_label}.{action}_{options.model_name}"))


def may_export(person: Person, model: type[Model], *, secrets: bool = False) -> bool:
    """Whether the operator may take records, or their secrets too, out as a file."""
    return (
        bool(person.has_perm("core.export_records"))
        and may(person, "view", model)
        and (not secrets or may(person, "reveal", model))
    )


def may_import(person: Person, model: type[Model]) -> bool:
    """Whether the operator may change records of a table from a file."""
    return bool(person.has_perm("core.import_records")) and may(person, "change", model)


def may_take_back(person: Person, change_set: ChangeSet) -> bool:
    """Whether it is this operator's change, or others' may be undone and gone on with.

    What an undo would do to records is asked apart.
    """
    if person.has_perm("core.undo_any_changeset"):
        return True
    is_own = change_set.operator_id is not None and change_set.operator_id == person.pk
    return is_own and bool(person.has_perm("core.undo_own_changeset"))
