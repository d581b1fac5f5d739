"""The Oper of subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, cast

from django.apps import apps
from django.db.models import Model, Q

from core.fields import stamp_now
from core.opers.base import RecordOper, RecordQuerySet, twin
from core.opers.conditions import enum_text, nothing, within_days
from core.vocabularies import SubscribeState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    # Named in quotes below: models import Opers, not the other way round.
    from core.models.subscriptions import Subscribe

Subscribes = list["Subscribe"]

EXISTS, ADDED = "订阅已存在", "新增订阅成功"
"""What MoviePilot answers."""

OF_MEDIA = {
    "name": "title",
    "year": "year",
    "tmdbid": "tmdb_id",
    "imdbid": "imdb_id",
    "tvdbid": "tvdb_id",
    "doubanid": "douban_id",
    "bangumiid": "bangumi_id",
    "episode_group": "episode_group",
    "vote": "vote_average",
    "description": "overview",
}
"""Column → attribute of MoviePilot's media object."""


class SubscribeQuerySet(RecordQuerySet["Subscribe"]):
    """Restrictions of subscriptions."""

    def in_state(self, *states: str) -> Self:
        """Those that stand at one of these, see core.vocabularies.SubscribeState."""
        return self.filter(state__in=states)

    def active(self) -> Self:
        """Those that MoviePilot works on: not the ones a user suspended."""
        return self.exclude(state=SubscribeState.SUSPENDED)

    def for_media(self, tmdbid: int, season: int | None = None) -> Self:
        """Those of this title, by its number at The Movie Database."""
        return self.filter(same_title(tmdbid=tmdbid, season=season))

    def of_user(self, username: str) -> Self:
        """Those of one user, by name."""
        return self.filter(username=username)

    def of_type(self, mtype: Any) -> Self:
        """Films, or series; a member of MoviePilot's MediaType or its text."""
        return self.filter(type=enum_text(mtype))


SubscribeManager = RecordOper.from_queryset(SubscribeQuerySet)


class SubscribeOper(SubscribeManager["Subscribe"]):
    """Subscriptions."""

    record = "core.Subscribe"

    def add(  # type: ignore[override]
        self, mediainfo: Any, *, reason: str = "", **kwargs: Any
    ) -> tuple[int, str]:
        """Subscribe to a title unless somebody has; returns the subscription's id and
        MoviePilot's words for it.

        `mediainfo` is MoviePilot's media object, whose values go before those in
        `kwargs`, or a whole Subscribe, inserted as it is. With `owner_scope` only
        subscriptions of the same `username` count. Raises InvalidValues.

        MoviePilot stores a title that has neither a TMDB nor a Douban id, and then
        raises; here such a title is known by its Bangumi id, and one without any is
        always new.
        """
        if isinstance(mediainfo, Model):
            record = cast("Subscribe", mediainfo)
            return super().add(record, reason=reason, **kwargs), ADDED
        is_scoped = kwargs.pop("owner_scope", False)
        values = {**kwargs, **of_media(mediainfo), "date": stamp_now()}
        values["search_imdbid"] = 1 if kwargs.get("search_imdbid") else 0
        known = self._known_as(values)
        if is_scoped and values.get("username"):
            known = known.of_user(values["username"])
        if found := known.oldest():
            return found.pk, EXISTS
        return self._insert(reason=reason, **values), ADDED

    async_add = twin(add)  # type: ignore[arg-type]

    def exists(
        self,
        tmdbid: int | None = None,
        doubanid: str | None = None,
        season: int | None = None,
    ) -> bool:
        """Whether somebody subscribed to the title: by TMDB id (and season), or else by
        Douban id. False without either.
        """
        title = same_title(tmdbid=tmdbid, doubanid=doubanid, season=season)
        return self.filter(title).exists()

    async_exists = twin(exists)

    def get_by(
        self,
        type: str,
        season: str | None = None,
        tmdbid: int | None = None,
        doubanid: str | None = None,
        bangumiid: str | None = None,
    ) -> Subscribe | None:
        """The oldest subscription of this type to the title, or None.

        By TMDB id (and season), or else by Douban id, or else by Bangumi id.
        """
        title = same_title(
            tmdbid=tmdbid, doubanid=doubanid, bangumiid=bangumiid, season=season
        )
        return self.of_type(type).filter(title).oldest()

    async_get_by = twin(get_by)

    def list(self, state: str | None = None) -> Subscribes:
        """All, or those in one of these states ("N,R"), oldest first."""
        found = self.all()
        if state:
            found = found.in_state(*state.split(","))
        return [*found.order_by("pk")]

    async_list = twin(list)  # type: ignore[arg-type]

    def update_filter_groups(
        self, sid: int, filter_groups: Iterable[str]
    ) -> Subscribe | None:
        """Choose the rule groups; returns the record, or None when there is none."""
        return self.update(sid, filter_groups=[*filter_groups])

    async_update_filter_groups = twin(update_filter_groups)

    def list_by_tmdbid(self, tmdbid: int, season: int | None = None) -> Subscribes:
        """All to a TMDB id, or to one season of it, oldest first."""
        return [*self.for_media(tmdbid, season).order_by("pk")]

    async_list_by_tmdbid = twin(list_by_tmdbid)

    def list_by_username(
        self, username: str, state: str | None = None, mtype: str | None = None
    ) -> Subscribes:
        """All of a user, or those in one state, or of one type; oldest first."""
        found = self.of_user(username)
        if state:
            found = found.in_state(state)
        if mtype:
            found = found.of_type(mtype)
        return [*found.order_by("pk")]

    async_list_by_username = twin(list_by_username)

    def list_by_type(self, mtype: str, days: int | None = 7) -> Subscribes:
        """Those of a type made in the last so many days (None: ever), oldest first."""
        found = self.of_type(mtype)
        if days is not None:
            found = found.filter(within_days("date", days))
        return [*found.order_by("pk")]

    async_list_by_type = twin(list_by_type)

    def add_history(self, /, **kwargs: Any) -> int:
        """Insert a finished subscription, stamped now, and return its id.

        Keywords that are no columns of the history, and the id, are passed over. Raises
        InvalidValues.
        """
        history = finished()
        columns = {field.attname for field in history.model._meta.fields} - {"id"}
        known = {name: value for name, value in kwargs.items() if name in columns}
        return history.add(history.model(**{**known, "date": stamp_now()}))

    async_add_history = twin(add_history)

    def exist_history(
        self,
        tmdbid: int | None = None,
        doubanid: str | None = None,
        season: int | None = None,
    ) -> bool:
        """Whether a finished subscription was to the title, as `exists` finds it."""
        title = same_title(tmdbid=tmdbid, doubanid=doubanid, season=season)
        return finished().get_queryset().filter(title).exists()

    async_exist_history = twin(exist_history)

    def _known_as(self, values: Mapping[str, Any]) -> SubscribeQuerySet:
        """Subscriptions to the title these values are of."""
        ids = ("tmdbid", "doubanid", "bangumiid", "season")
        title = same_title(**{name: values.get(name) for name in ids})
        return self.filter(title)


def same_title(
    *,
    tmdbid: int | None = None,
    doubanid: str | None = None,
    bangumiid: int | str | None = None,
    season: int | str | None = None,
) -> Q:
    """Records of the title with the first of these ids that is given; none without any.

    The season, where it is given, counts beside a TMDB id only: other sources have a
    page for each season.
    """
    if tmdbid:
        return Q(tmdbid=tmdbid) if season is None else Q(tmdbid=tmdbid, season=season)
    if doubanid:
        return Q(doubanid=doubanid)
    return Q(bangumiid=bangumiid) if bangumiid else nothing()


def of_media(media: Any) -> dict[str, Any]:
    """The columns that a media object of MoviePilot fills; of what it lacks, none."""
    values = {
        column: getattr(media, name)
        for column, name in OF_MEDIA.items()
        if hasattr(media, name)
    }
    if hasattr(media, "type"):
        values["type"] = enum_text(media.type) or None
    return {**values, **image_of(media, "poster"), **image_of(media, "backdrop")}


def image_of(media: Any, column: str) -> dict[str, Any]:
    """The address of a media object's image, under the name of its column."""
    address = getattr(media, f"get_{column}_image", None)
    if callable(address):
        return {column: address()}
    path = f"{column}_path"
    return {column: getattr(media, path)} if hasattr(media, path) else {}


def finished() -> RecordOper[Any]:
    """The Oper of finished subscriptions; core may not import the app they are in."""
    oper: RecordOper[Any] = apps.get_model("history.SubscribeHistory").objects
    return oper
