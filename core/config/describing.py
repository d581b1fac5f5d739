"""What is known of a setting or of a key of the system configuration, in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.config import console, listing, settings
from core.systemconfig.keys import known_key

if TYPE_CHECKING:
    from core.config import Setting


def describe(name: str) -> list[str]:
    """The lines; none for a name that nobody knows."""
    lines: list[str] = []
    for each in listing.declared(name):
        lines += _of_setting(each)
    return lines or _of_key(name)


def _of_setting(declared: Setting) -> list[str]:
    name = declared.name
    is_own = console.declared().get(name) is declared
    values = console if is_own else settings
    whose = "the console's own" if is_own else "MoviePilot's"
    otherwise = declared.otherwise.replace("`", "")
    default = otherwise or listing.text_of(declared.default)
    shown = listing.text_of(values.shown(name))
    return [
        f"{name}: {declared.description}.",
        f"  setting     {whose}",
        f"  type        {declared.type_name}",
        f"  default     {default}",
        f"  secret      {_yes(declared.is_secret)}",
        f"  value       {shown}",
        f"  found in    {values.source_of(name)}",
    ]


def _of_key(name: str) -> list[str]:
    entry = listing.stored_entry(name)
    if entry is None:
        return []
    known = known_key(name)
    if known is None:
        about = [
            f"{listing.text_of(name)}: found in the database; nothing is known of it."
        ]
    else:
        about = [
            f"{name}: {known.purpose}",
            f"  label       {known.label}",
            f"  shape       {listing.json_of(known.shape) if known.shape else 'any'}",
            f"  secret      {_yes(known.is_secret)}",
        ]
    return [*about, f"  value       {entry.text(show_secrets=False)}"]


def _yes(answer: bool) -> str:  # noqa: FBT001 - it is what is put into words
    return "yes" if answer else "no"
