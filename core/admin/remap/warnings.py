"""What to know before one prefix takes the place of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core.admin.in_memory import IN_MEMORY, carried_notice
from core.admin.warnings import duplicate_warning, table_warnings
from core.changes.paths import is_windows, swap

if TYPE_CHECKING:
    from core.changes import Preview
    from core.changes.remap import Remap

SLASHES = "\\/"


def warnings(remap: Remap, preview: Preview) -> list[str]:
    """Of the prefixes, of what was found, and of the tables that change."""
    found = [*_prefix_warnings(remap)]
    if preview.facts.get("occurs"):
        found.append(
            _(
                "There are paths under the new prefix already. Afterwards nobody can"
                " tell them from those that were remapped; undo still can."
            )
        )
    for table in remap.tables:
        in_memory = table in IN_MEMORY  # named, among several tables
        found += [carried_notice(table)] if in_memory else table_warnings(table)
    found += [duplicate_warning(each) for each in preview.duplicates]
    return [*dict.fromkeys(found)]


def _prefix_warnings(remap: Remap) -> list[str]:
    old, new = remap.old, remap.new
    rules = {
        _(
            "The new prefix is under the old one: a second remap would put it in"
            " once more."
        ): is_under(new, old, remap),
        _(
            "The old prefix is under the new one: what is remapped comes to stand"
            " beside what was there already."
        ): is_under(old, new, remap),
        _(
            "One prefix is written as on Windows and the other is not; the slashes of"
            " remapped paths are changed along with it."
        ): is_windows(old) != is_windows(new),
        _(
            "A prefix that does not begin at a root, such as / or C:\\, is found only"
            " in paths that begin like it."
        ): not (is_rooted(old) and is_rooted(new)),
        _(
            "One prefix ends with a slash and the other does not: slashes at the end"
            " do not count, whole folder names are replaced."
        ): (old[-1] in SLASHES) != (new[-1] in SLASHES),
        _("A prefix begins or ends with a blank, which counts as part of it."): (
            old != old.strip() or new != new.strip()
        ),
    }
    return [text for text, applies in rules.items() if applies]


def is_under(path: str, prefix: str, remap: Remap) -> bool:
    """Whether a path is in the folder that a prefix names."""
    return swap(path, prefix, "/", ignore_case=remap.ignore_case) is not None


def is_rooted(path: str) -> bool:
    """Whether a path begins at a root."""
    return path.startswith("/") or is_windows(path)
