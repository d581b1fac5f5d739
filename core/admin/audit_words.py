"""What an audit event tells, in words: nothing here shows JSON."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin.words import table_label
from core.roles import Role

LABELS = {
    "actions": gettext_lazy("Actions"),
    "after": gettext_lazy("After"),
    "before": gettext_lazy("Before"),
    "changes": gettext_lazy("Changes"),
    "columns": gettext_lazy("Columns"),
    "command": gettext_lazy("Command"),
    "count": gettext_lazy("Records"),
    "days": gettext_lazy("Older than, in days"),
    "done": gettext_lazy("Done"),
    "email": gettext_lazy("Email address"),
    "entries": gettext_lazy("Entries"),
    "follows_moviepilot": gettext_lazy("Role as in MoviePilot"),
    "format": gettext_lazy("Format"),
    "is_active": gettext_lazy("Active"),
    "moviepilot_id": gettext_lazy("MoviePilot user id"),
    "names": gettext_lazy("Names"),
    "os_user": gettext_lazy("User of the machine"),
    "passkey": gettext_lazy("Passkey"),
    "record": gettext_lazy("Record"),
    "role": gettext_lazy("Role"),
    "secrets": gettext_lazy("Secrets"),
    "selection": gettext_lazy("Selection"),
    "undoes": gettext_lazy("Undoes the change"),
    "user": gettext_lazy("User"),
    "username": gettext_lazy("Name"),
}
DEEDS = {
    "added": gettext_lazy("operator added"),
    "one-time codes off": gettext_lazy("own one-time codes turned off"),
    "one-time codes on": gettext_lazy("own one-time codes turned on"),
    "one-time codes removed": gettext_lazy("one-time codes removed"),
    "own password changed": gettext_lazy("own password changed"),
    "passkey added": gettext_lazy("own passkey added"),
    "passkey removed": gettext_lazy("own passkey removed"),
    "passkey renamed": gettext_lazy("own passkey renamed"),
    "passkeys removed": gettext_lazy("passkeys removed"),
    "password set": gettext_lazy("password set"),
    "signed out everywhere": gettext_lazy("signed out everywhere"),
    "password": gettext_lazy("set a password"),
    "clear-otp": gettext_lazy("turn one-time codes off"),
    "disable-passkeys": gettext_lazy("disable passkeys"),
    "drop-passkeys": gettext_lazy("delete passkeys"),
    "activate": gettext_lazy("enable"),
    "superuser": gettext_lazy("make a superuser"),
}
"""What is done to operators and users, as events name it."""
PAIRED = {"username", "email", "is_active"}
"""Of these an event keeps the value before and the one after."""
WORDED = {"done", "actions"}
ROLES = {"role", "before", "after"}
MOST = 500
"""Characters of one value."""

Facts = list[tuple[str, str]]


def facts(detail: Any) -> Facts:
    """The details of an event, each with what it is called."""
    if not isinstance(detail, dict):
        return [(_("Details"), _cut(_words("", detail)))] if detail else []
    rest = dict(detail)
    found = []
    if {"before", "after"} <= rest.keys():
        both = [_words("role", rest.pop(name)) for name in ("before", "after")]
        found.append((_("Before → after"), " → ".join(both)))
    found += [(_label(name), _words(name, value)) for name, value in rest.items()]
    return [(label, _cut(text)) for label, text in found if text]


def _label(name: str) -> str:
    if name in LABELS:
        return str(LABELS[name])
    return capfirst(name.replace("_", " "))


def _words(name: str, value: Any) -> str:
    if name == "selection" and isinstance(value, dict):
        return _selection(value)
    if isinstance(value, dict):
        parts = (f"{_label(key)}: {_words(key, each)}" for key, each in value.items())
        return ", ".join(parts)
    if isinstance(value, list):
        sign = " → " if name in PAIRED else ", "
        return sign.join(_words(name, each) for each in value)
    return _word(name, value)


def _word(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if value is None or value == "":
        return _("no role") if name in ROLES else "–"
    if name in WORDED:
        return str(DEEDS.get(value, value))
    if name in ROLES and value in Role.values:
        return str(Role(value).label)
    return f"{value:,}" if isinstance(value, int) and name != "undoes" else str(value)


def _selection(value: dict[str, Any]) -> str:
    """What was selected, as the selection's JSON keeps it."""
    table = _table(str(value.get("model", "")))
    if "ids" in value and value["ids"] is not None:
        count = len(value["ids"])
        words = ngettext("%s selected record", "%s selected records", count)
        return f"{table}: {words % f'{count:,}'}"
    conditions = [
        f"{key} = {each}" for key, each in (value.get("filter") or {}).items()
    ]
    if value.get("q"):
        conditions.append(_("search: %s") % value["q"])
    described = ", ".join(conditions) or _("all records")
    return f"{table}: {described}"


def _table(label: str) -> str:
    try:
        return table_label(apps.get_model(label))
    except (LookupError, ValueError):
        return label


def _cut(text: str) -> str:
    return text if len(text) <= MOST else f"{text[:MOST]}…"
