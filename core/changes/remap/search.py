r"""Finding the records that hold a path under a prefix.

The database looks for what the prefix may look like (core.changes.remap.prefix), in
JSON also for odd spellings of anything. What it finds is a little more than what there
is, and each record of it is looked at here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.changes.paths import path_swap
from core.changes.remap.members import JSONPaths, PlainPaths
from core.changes.remap.places import parts
from core.changes.remap.prefix import ESCAPE, ODD, Prefix
from core.changes.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from core.changes.paths import PathSwap
    from core.changes.remap.places import Part, Place

Paths = PlainPaths | JSONPaths
Statement = tuple[str, list[Any]]
"""Part of a statement, and its parameters."""

PAGE = 20_000
SETTING_COLUMN = "key"


def paths_of(place: Place, prefix: Prefix, swap: PathSwap) -> Paths:
    """What a swap makes of the place."""
    if not place.members:
        return PlainPaths(swap)
    hint = prefix.hint()
    return JSONPaths(place.members, swap, hint=hint, is_file=place.is_file)


def available(part: Part, rows: Rows) -> list[Place]:
    """Those of the places whose columns the attached database has."""
    return [place for place in part.places if place.column in rows.types]


class PathRows(Rows):
    """One table, searched for paths under a prefix."""

    def hits(self, part: Part, prefix: Prefix, swap: PathSwap) -> Iterator[int]:
        """Ids of the records in which a swap would change something, ascending.

        The whole table is scanned once, in pages: nothing is held open meanwhile. Of a
        record that surely has a hit, nothing more is read.
        """
        places = available(part, self)
        if not places:
            return
        search = Search(prefix, self)
        sure, sure_params = search.sure(places)
        maybe, maybe_params = search.maybe(places)
        picks = ", ".join(
            f"CASE WHEN {sure} THEN NULL ELSE {self._pick(place.column)} END"
            for place in places
        )
        setting, setting_params = self._setting(part)
        sql = (
            f"SELECT id, COALESCE({sure}, FALSE), {picks} FROM {self._name(self.table)}"  # noqa: S608  names are ours, values bound
            f" WHERE id > %s AND {setting} AND ({maybe}) ORDER BY id LIMIT {PAGE}"
        )
        params = [*sure_params * (len(places) + 1), None, *setting_params]
        made = [paths_of(place, prefix, swap) for place in places]
        for pk, is_sure, *values in self._pages(sql, [*params, *maybe_params]):
            if is_sure or any(
                paths.touches(raw) for paths, raw in zip(made, values, strict=True)
            ):
                yield pk

    def _pages(self, sql: str, params: list[Any]) -> Iterator[tuple[Any, ...]]:
        last = params.index(None)
        params[last] = -(2**63)
        while True:
            with self.connection.cursor() as cursor:
                cursor.execute(sql, params)
                found = cursor.fetchall()
            yield from found
            if len(found) < PAGE:
                return
            params[last] = found[-1][0]

    def _setting(self, part: Part) -> Statement:
        if not part.setting:
            return "TRUE", []
        return f"{self._name(SETTING_COLUMN)} = %s", [part.setting]

    def text_of(self, place: Place) -> str:
        """The column as text in a statement."""
        name = self._name(place.column)
        return name if self.is_sqlite or not place.members else f"{name}::text"


class Search:
    """Conditions on columns for the paths under a prefix."""

    def __init__(self, prefix: Prefix, rows: PathRows) -> None:
        self.prefix, self.rows = prefix, rows

    def sure(self, places: Sequence[Place]) -> Statement:
        """Some column is a path under the prefix, spelled as it is."""
        text = self.prefix.exact
        plain = [place for place in places if not place.members]
        if not text or not plain:
            return "FALSE", []
        size = len(text)
        terms = [
            f"(substr({name}, 1, {size}) = %s"
            f" AND substr({name}, {size + 1}, 1) IN ('', '/'))"
            for name in map(self.rows.text_of, plain)
        ]
        return f"({' OR '.join(terms)})", [text] * len(plain)

    def maybe(self, places: Sequence[Place]) -> Statement:
        """Some column may hold a path under the prefix."""
        terms: list[str] = []
        params: list[Any] = []
        for place in places:
            name = self.rows.text_of(place)
            is_json = bool(place.members)
            patterns = self.prefix.in_json() if is_json else [self.prefix.plain()]
            terms += [self._like(name)] * len(patterns)
            params += patterns
            if is_json:
                terms.append(self._odd(name))
        return " OR ".join(terms), params

    def _like(self, name: str) -> str:
        # SQLite's LIKE never minds the case of ASCII.
        is_loose = self.prefix.is_loose and not self.rows.is_sqlite
        return f"{name} {'ILIKE' if is_loose else 'LIKE'} %s ESCAPE '{ESCAPE}'"

    def _odd(self, name: str) -> str:
        r"""JSON that spells out what MoviePilot would not, or some of its characters
        and some not.
        """
        if self.rows.is_sqlite:
            return (
                f"{name} GLOB '*\\/*' OR {name} GLOB '*\\u00[0-7]*'"
                f" OR (instr({name}, '\\u') > 0"
                f" AND length({name}) <> length(CAST({name} AS BLOB)))"
            )
        return (
            f"{name} ~ '{ODD}' OR (strpos({name}, '\\u') > 0"
            f" AND length({name}) <> octet_length({name}))"
        )


def find(
    old: str, new: str, names: Collection[str], *, ignore_case: bool | None
) -> list[list[int]]:
    """For each part of the chosen places, the ids in which a swap changes something."""
    prefix = Prefix(old, ignore_case=ignore_case)
    swap = path_swap(old, new, ignore_case=ignore_case)
    return [[*PathRows(part.model).hits(part, prefix, swap)] for part in parts(names)]


def occurs(prefix: str, names: Collection[str], *, ignore_case: bool | None) -> bool:
    """Whether any of the chosen places holds a path under the prefix."""
    sought = Prefix(prefix, ignore_case=ignore_case)
    # Towards a prefix that can be nowhere, every path under this one changes.
    swap = path_swap(prefix, f"{prefix}\x00", ignore_case=ignore_case)
    return any(
        True
        for part in parts(names)
        for _pk in PathRows(part.model).hits(part, sought, swap)
    )
