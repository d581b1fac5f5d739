"""Whether an operator may do something. What each role may: core.roles.

Every page, and whatever a page starts, asks here or the `has_…_permission` of the
table's RecordAdmin, which ask here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from django.apps import apps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model

    from core.changes.models import ChangeSet, Plan
    from core.models.operators import Operator

    Person = Operator | AnonymousUser | Any

Action = Literal["view", "add", "change", "delete", "reveal"]


def may(person: Person, action: Action, model: type[Model] | str) -> bool:
    """Whether the operator may do this to records of a model or table `app.model`.

    Nobody does anything to records that they may not see.
    """
    try:
        options = (apps.get_model(model) if isinstance(model, str) else model)._meta
    except LookupError:  # a table of a later version of the console
        return False
    app, name = options.app_label, options.model_name
    return all(
        person.has_perm(f"{app}.{each}_{name}")
        for each in dict.fromkeys(("view", action))
    )


def visible_tables(person: Person) -> frozenset[str]:
    """The tables of MoviePilot whose records the operator may see, as `app.model`."""
    return frozenset(
        model._meta.label_lower for model in _tables() if may(person, "view", model)
    )


def sees_every_table(person: Person) -> bool:
    """Whether nothing of MoviePilot is hidden from the operator."""
    return all(may(person, "view", model) for model in _tables())


def may_export(person: Person, model: type[Model], *, secrets: bool = False) -> bool:
    """Whether the operator may take records, or their secrets too, out as a file."""
    return (
        bool(person.has_perm("core.export_records"))
        and may(person, "view", model)
        and (not secrets or may(person, "reveal", model))
    )


def may_import(person: Person, model: type[Model]) -> bool:
    """Whether the operator may change records of a table from a file.

    New records need the permission to add, which is asked apart.
    """
    return bool(person.has_perm("core.import_records")) and may(person, "change", model)


# --- Plans and changes


def may_apply(person: Person, made: Plan) -> bool:
    """Whether the operator may do what a plan says, to each table it is about."""
    from core.changes.rights import deeds

    return _may_all(person, deeds(made))


def may_see_change(person: Person, change_set: ChangeSet) -> bool:
    """Whether the operator may look at a change; entries of tables that are hidden from
    the operator are no part of it.
    """
    can_view = bool(person.has_perm("core.view_changeset"))
    return can_view and may(person, "view", change_set.table)


def may_take_back(person: Person, change_set: ChangeSet) -> bool:
    """Whether it is this operator's change, or others' may be undone and gone on with.

    What an undo would do to records is asked apart: see may_undo.
    """
    if person.has_perm("core.undo_any_changeset"):
        return True
    is_own = change_set.operator_id is not None and change_set.operator_id == person.pk
    return is_own and bool(person.has_perm("core.undo_own_changeset"))


def may_undo(person: Person, change_set: ChangeSet) -> bool:
    """Whether the operator may take a change back: to delete what it has created, to
    add what it has deleted, to edit the rest.
    """
    from core.changes.rights import deeds, opposite

    return (
        may_see_change(person, change_set)
        and may_take_back(person, change_set)
        and _may_all(person, opposite(deeds(change_set)))
    )


def may_go_on(person: Person, change_set: ChangeSet) -> bool:
    """Whether the operator may resume, cancel or queue a change: as one who might have
    begun it.
    """
    from core.changes.rights import deeds

    return (
        may_see_change(person, change_set)
        and may_take_back(person, change_set)
        and _may_all(person, deeds(change_set))
    )


def _may_all(person: Person, wanted: Iterable[tuple[Action, str]]) -> bool:
    return all(may(person, action, table) for action, table in wanted)


def _tables() -> list[type[Model]]:
    from core.models.base import Record

    return [model for model in apps.get_models() if issubclass(model, Record)]
