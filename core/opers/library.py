"""The Oper of the media server cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from core.opers.base import RecordOper, RecordQuerySet, columns_of, twin
from core.opers.conditions import enum_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    # Named in quotes below: models import Opers, not the other way round.
    from core.models.library import MediaServerItem


class MediaServerItemQuerySet(RecordQuerySet["MediaServerItem"]):
    """Restrictions of media server items."""

    def on_server(self, server: str) -> Self:
        """Those of one server."""
        return self.filter(server=server)

    def for_media(self, tmdbid: int) -> Self:
        """Those of this title, by its number at The Movie Database."""
        return self.filter(tmdbid=tmdbid)

    def titled(self, title: str) -> Self:
        """Those of exactly this title."""
        return self.filter(title=title)

    def not_on_servers(self, servers: Iterable[str]) -> Self:
        """Those of other servers than these, and of none."""
        return self.exclude(server__in=servers)

    def not_stamped(self, sync_time: str) -> Self:
        """Those that the sync of this time has not seen."""
        return self.exclude(lst_mod_date=sync_time)

    def count_by_server(self) -> list[tuple[str, int]]:
        """(server, items of it), those of no server last, under ''. One query."""
        rows = self.order_by().values_list("server").annotate(models.Count("pk"))
        counts: dict[str, int] = {}
        for server, count in rows:
            counts[server or ""] = counts.get(server or "", 0) + count
        return sorted(counts.items(), key=lambda each: (each[0] == "", each[0]))


MediaServerItemManager = RecordOper.from_queryset(MediaServerItemQuerySet)


class MediaServerOper(MediaServerItemManager["MediaServerItem"]):
    """What the media servers hold."""

    record = "core.MediaServerItem"

    def add(self, record: MediaServerItem | None = None, /, **kwargs: Any) -> bool:
        """Insert an item, given as a record or by its columns.

        False when its server has one of its `item_id` already, and without both of
        these. Keywords that are no columns, and the id, are passed over. Raises
        InvalidValues.
        """
        held = columns_of(record) if record else {}
        values = self._known({**held, **kwargs})
        if not has_key(values) or self._same(values):
            return False
        self._insert(**values)
        return True

    async_add = twin(add)  # type: ignore[arg-type]

    def upsert(self, /, **kwargs: Any) -> bool:
        """Insert an item (True), or write to the one its server has of this `item_id`;
        False also without both of these. Raises InvalidValues.
        """
        values = self._known(kwargs)
        if not has_key(values):
            return False
        same = self._same(values)
        if same is not None and self._revise(same.pk, lambda _item: values):
            return False
        self._insert(**values)
        return True

    async_upsert = twin(upsert)

    def empty(self, server: str | None = None) -> int:
        """Delete the items of a server, or without one all, in one change; returns how
        many. MoviePilot's next sync brings them back.
        """
        items = self.all()
        return self._delete_ids(
            (items if server is None else items.on_server(server)).ids()
        )

    async_empty = twin(empty)

    def delete_stale(self, server: str, sync_time: str) -> int:
        """Delete, in one change, the items of a server that the sync of this time has
        not stamped; returns how many.
        """
        items = self.on_server(server)
        return self._delete_ids(items.not_stamped(sync_time).ids())

    async_delete_stale = twin(delete_stale)

    def delete_excluded_servers(self, servers: Collection[str]) -> int:
        """Delete, in one change, the items of all servers but these, and those of none;
        returns how many.

        MoviePilot deletes everything for an empty list; here nothing is deleted then:
        that is what `empty` is for.
        """
        if not servers:
            return 0
        return self._delete_ids(self.not_on_servers(servers).ids())

    async_delete_excluded_servers = twin(delete_excluded_servers)

    def exists(self, /, **kwargs: Any) -> MediaServerItem | None:  # type: ignore[override]
        """The first item of a title, by `tmdbid` (and `mtype`), or else by `title` (and
        `mtype`, `year`); with `season` the first that has it. None when there is none.

        MoviePilot looks for the number of the season among keys that are texts, and in
        the first item only; here season=1 and season="1" are the same, in any item.
        """
        season = kwargs.get("season")
        return next(
            (
                item
                for item in self._of_title(kwargs).order_by("pk")
                if season is None or has_season(item, season)
            ),
            None,
        )

    async_exists = twin(exists)

    def get_item_id(self, /, **kwargs: Any) -> str | None:
        """The server's own id of what `exists` finds, or None."""
        item = self.exists(**kwargs)
        return None if item is None else item.item_id

    async_get_item_id = twin(get_item_id)

    def _of_title(self, asked: dict[str, Any]) -> MediaServerItemQuerySet:
        items = self.all()
        if asked.get("tmdbid"):
            items = items.for_media(asked["tmdbid"])
        elif asked.get("title"):
            items = items.titled(asked["title"])
            if asked.get("year"):
                items = items.filter(year=asked["year"])
        else:
            return items.none()
        kind = enum_text(asked.get("mtype"))
        return items.filter(item_type=kind) if kind else items

    def _same(self, values: dict[str, Any]) -> MediaServerItem | None:
        """The item that has the key of these values."""
        on_server = self.on_server(values["server"])
        return on_server.filter(item_id=values["item_id"]).oldest()


def has_key(values: dict[str, Any]) -> bool:
    """Whether the values say which item of which server they are."""
    return bool(values.get("server") and values.get("item_id"))


def has_season(item: MediaServerItem, season: object) -> bool:
    """Whether the server has episodes of this season."""
    seasons = item.seasoninfo
    return isinstance(seasons, dict) and str(season) in seasons
