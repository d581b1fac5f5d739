"""Writing system configuration from the command line, through the door."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from django.db import connections
from django.urls import reverse

from core.changes import ChangeSet, Kind
from core.config import HIDDEN
from core.config.listing import text_of
from core.opers.configuration import SystemConfigOper
from core.schema import place
from core.secrets import MASK

if TYPE_CHECKING:
    from core.systemconfig.keys import PluginKey, SystemConfigKey

MOVIEPILOT = "moviepilot"
RESTART = (
    "Restart MoviePilot to make it count: it reads this only when it starts, and may "
    "write its old value back before."
)


class NotStored(Exception):
    """The value was not written; the text is one line and does not repeat it."""


def parse(text: str) -> Any:
    """The value of JSON text. Raises NotStored."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise NotStored(
            f"The value is no JSON (line {error.lineno}, column {error.colno}) — "
            """quote it for the shell: '["a", 1]', or '"text"'."""
        ) from None
    except (ValueError, RecursionError):
        raise NotStored("The value is no JSON that MoviePilot can read.") from None
    if _is_masked(value):
        raise NotStored(
            f"The value holds {HIDDEN} in a secret's place — write the secret itself; "
            "config get --show-secrets shows it."
        )
    return value


def store(key: SystemConfigKey | PluginKey, value: Any) -> list[str]:
    """Write the value; returns what to say. Raises InvalidValues."""
    name = text_of(key.value)
    newest = ChangeSet.objects.order_by("-pk").values_list("pk", flat=True).first()
    if not SystemConfigOper().set(key, value):
        return [f"{name} holds that already; nothing was written."]
    made = (
        ChangeSet.objects.filter(pk__gt=newest or 0, entries__label=key.value)
        .order_by("-pk")
        .first()
    )
    if made is None:
        return [f"{name} was written."]
    done = "deleted" if made.kind == Kind.DELETE else "written"
    database = place(connections[MOVIEPILOT])
    page = reverse("admin:core_changeset_change", args=[made.pk])
    return [
        f"{name} was {done} in {database}: change #{made.pk}.",
        f"To undo it, open {page} in the console and choose Undo.",
        RESTART,
    ]


def _is_masked(value: Any) -> bool:
    """Whether this was printed with its secrets hidden, which it would overwrite."""
    if isinstance(value, dict):
        return any(map(_is_masked, value.values()))
    if isinstance(value, list):
        return any(map(_is_masked, value))
    return value in (HIDDEN, MASK)


def _refuse(constant: str) -> NoReturn:
    """NaN and infinity are no JSON, though Python takes them."""
    raise ValueError(constant)
