"""Names that a setting lists: which of them are gone, and which have another name now.

A rule group or a downloader has nothing but its name. It counts as renamed where the
rest of it is what it was and nothing else is like it; also where it stands in the place
of the one that is gone, is of the same type, and no other has come or gone. Any other
is gone.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from core.changes.rows import Rows
from core.fields import decode_json, encode_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from core.changes.consequences.names import Moves
    from core.changes.rows import Change
    from core.models.base import Mention


class Member(NamedTuple):
    """One of what a setting lists."""

    name: str
    rest: str
    kind: Any
    position: int


def vanished(
    rows: Rows, changes: Sequence[Change], *, gone: Collection[int] = ()
) -> Iterator[tuple[Mention, Moves]]:
    """Which names are to be taken out where, once these changes are made.

    `gone` are records deleted before that can still be read.
    """
    keys = _keys(rows, changes) & rows.model.lists.keys()
    for key in sorted(keys):
        before, after = _counting(rows, key, changes, gone)
        moves = moves_of(members(before), members(after))
        for mention in rows.model.lists[key] if moves else ():
            yield mention, moves


def _keys(rows: Rows, changes: Sequence[Change]) -> set[str]:
    """The settings that the changes are about."""
    stored = rows.read([change.record_id for change in changes], ["key"])
    keys = {key for _pk, key in stored}
    return keys.union((each.after or {}).get("key", "") for each in changes)


def _counting(
    rows: Rows, key: str, changes: Sequence[Change], gone: Collection[int]
) -> tuple[Any, Any]:
    """The setting before and after. Of several the first counts, as in MoviePilot."""
    changed = {change.record_id: change for change in changes}
    ids = {pk for pk, _ in rows.holders(("key",), {(key,)})}.union(changed) - {*gone}
    before: list[Any] = []
    after: list[Any] = []
    for pk, *values in rows.read(sorted(ids), ["key", "value"]):
        now = dict(zip(("key", "value"), values, strict=True))
        then = changed[pk].after if pk in changed else {}
        if now["key"] == key:
            before.append(now["value"])
        if then is not None and {**now, **then}["key"] == key:
            after.append({**now, **then}["value"])
    return next(iter(before), None), next(iter(after), None)


def members(raw: Any) -> list[Member]:
    """What a stored setting lists; nothing where it is no list of named objects."""
    value = decode_json(raw)
    found: dict[str, Member] = {}
    for position, each in enumerate(value if isinstance(value, list) else ()):
        name = each.get("name") if isinstance(each, dict) else None
        if name and isinstance(name, str) and name not in found:
            rest = sorted((k, encode_json(v)) for k, v in each.items() if k != "name")
            found[name] = Member(name, repr(rest), each.get("type"), position)
    return [*found.values()]


def moves_of(before: Sequence[Member], after: Sequence[Member]) -> Moves:
    """Name → what it is called now, None where it is gone. Names that stay are left
    out.
    """
    old, new = {each.name for each in before}, {each.name for each in after}
    gone = [each for each in before if each.name not in new]
    come = [each for each in after if each.name not in old]
    if len(gone) == len(come) == 1 and len(before) == len(after):
        [one], [other] = gone, come
        if one.position == other.position and one.kind == other.kind:
            return {one.name: other.name}
    return {each.name: _called_now(each, gone, come) for each in gone}


def _called_now(
    one: Member, gone: Sequence[Member], come: Sequence[Member]
) -> str | None:
    if Counter(each.rest for each in gone)[one.rest] > 1:
        return None
    alike = [each.name for each in come if each.rest == one.rest]
    return alike[0] if len(alike) == 1 else None
