"""What the preview of a plan shows: values that move, records to look at, and those
that cannot be changed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.apps import apps
from django.utils.translation import gettext as _

from core.admin import choosing, values
from core.admin.entries import EntryRow, Side
from core.admin.words import field_label
from core.changes import Problem
from core.permissions import may

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from core.admin.base import RecordAdmin
    from core.admin.list_link import ListLink
    from core.changes import Plan, Preview, Sample
    from core.models.base import Record

INVALID = 100
"""Records that cannot be changed, on one page."""


@dataclass(frozen=True)
class Move:
    """How many records get which value in place of which."""

    before: SafeString
    after: SafeString
    count: int
    diff: SafeString | None = None
    """The difference, where both look the same."""


@dataclass(frozen=True)
class MemberMoves:
    """To how many lists a value comes, and from how many it goes."""

    member: SafeString
    added: int
    removed: int


@dataclass(frozen=True)
class FieldMoves:
    """One field's values before and after, most frequent first."""

    label: str
    name: str
    moves: list[Move]
    members: list[MemberMoves]
    has_more: bool

    @property
    def is_telling(self) -> bool:
        """Whether any value is found twice; else the samples say as much."""
        return not self.has_more or any(move.count > 1 for move in self.moves)


@dataclass(frozen=True)
class SampleGroup:
    """Records from one place of what changes."""

    title: str
    rows: list[EntryRow]


@dataclass(frozen=True)
class InvalidPage:
    """Some of the records that cannot be changed: (id, why, address) each."""

    rows: list[tuple[int, str, str]]
    first: int
    kept: int
    """How many of them can be looked at."""
    previous_url: str
    next_url: str

    @property
    def last(self) -> int:
        """The number of the last one on the page."""
        return self.first + len(self.rows) - 1

    @property
    def is_open(self) -> bool:
        """Whether the list stands open: it is short, or was leafed through."""
        return self.kept <= INVALID // 10 or self.first > 1


def distribution(model: type[Record], preview: Preview) -> list[FieldMoves]:
    """What values turn into what, field by field."""
    return [
        FieldMoves(
            field_label(model, name),
            name,
            [*_moves(model, name, moves)],
            [*_members(model, name, preview.members.get(name, ()))],
            name in preview.has_more,
        )
        for name, moves in preview.distribution.items()
    ]


def _moves(
    model: type[Record], name: str, moves: Sequence[tuple[Any, Any, int]]
) -> Iterator[Move]:
    """The moves; those that look the same, as lists spelled otherwise, as one."""
    counted: Counter[tuple[SafeString, SafeString, SafeString | None]] = Counter()
    for before, after, count in moves:
        side = Side.of(model, name, before, after)
        # Of JSON often no more than its size is shown, which stays the same.
        diff = side.diff if side.before == side.after else None
        counted[side.before, side.after, diff] += count
    for (old, new, diff), count in counted.most_common():
        yield Move(old, new, count, diff)


def _members(
    model: type[Record], name: str, members: Sequence[tuple[Any, int, int]]
) -> Iterator[MemberMoves]:
    is_listed = choosing.is_listed(model, name)
    for member, added, removed in members:
        shown = values.show(model, name, [member] if is_listed else member)
        yield MemberMoves(shown, added, removed)


def sample_groups(
    model_admin: RecordAdmin, request: HttpRequest, preview: Preview
) -> list[SampleGroup]:
    """The samples by the place they were taken from, of tables one may see."""
    titles = {
        "first": _("The first"),
        "random": _("Between, at random"),
        "last": _("The last"),
    }
    found: dict[str, list[EntryRow]] = {place: [] for place in titles}
    for each in preview.samples:
        if may(request.user, "view", each.table or model_admin.model):
            found[each.place].append(sample_row(model_admin, each))
    return [SampleGroup(titles[place], rows) for place, rows in found.items() if rows]


def sample_row(model_admin: RecordAdmin, sample: Sample) -> EntryRow:
    """A sample as its table shows it."""
    if sample.table:
        model: Any = apps.get_model(sample.table)
        model_admin = model_admin.admin_site.get_model_admin(model)  # type: ignore[assignment]
    return EntryRow.of(
        model_admin.model,
        sample.record_id,
        sample.label,
        model_admin.record_url(sample.record_id),
        before=sample.before,
        after=sample.after,
    )


def invalid_page(
    model_admin: RecordAdmin, request: HttpRequest, made: Plan, link: ListLink
) -> InvalidPage:
    """The records that cannot be changed, from the one on that the address asks for."""
    found, reasons = made.preview.invalid, dict(Problem.choices)
    asked = request.GET.get("invalid", "")
    start = int(asked) - 1 if asked.isascii() and asked.isdigit() else 0
    start = max(0, min(start, len(found) - 1)) // INVALID * INVALID

    def url(place: int) -> str:
        if not 0 <= place < len(found):
            return ""
        query = {"list": link.query} if link.query else {}
        return f"?{urlencode({**query, 'invalid': place + 1})}#invalid"

    rows = [
        (pk, str(reasons.get(why, why)), model_admin.record_url(pk) if pk else "")
        for pk, why in found[start : start + INVALID]
    ]
    previous, following = url(start - INVALID), url(start + INVALID)
    return InvalidPage(rows, start + 1, len(found), previous, following)
