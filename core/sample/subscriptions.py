"""Subscriptions: running series, wanted films, upgrades, and the finished ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from typing import Any

from core.fields import JSON_NULL
from core.sample import vocabulary as words
from core.sample.draw import Draw, Row, numbered, stamp
from core.sample.releases import Acquisition
from core.sample.sites import DELETED_IDS, Tracker
from core.sample.works import Work

STATES = {"R": 62, "N": 18, "S": 12, "P": 8}
QUALITIES = {None: 70, "": 14, "WEB-?DL|WEB-?RIP": 9, "Blu-?Ray|REMUX": 7}
RESOLUTIONS = {None: 60, "": 12, "2160p|4K": 14, "1080[pi]": 14}
EFFECTS = {None: 80, "": 10, "HDR|Dolby[\\s.]+Vision": 10}
INCLUDES = {None: 78, "": 12, "国语|中字": 6, "(?i)(QuillWEB|SaltHD)": 4}
EXCLUDES = {None: 74, "": 12, "(?i)\\b(CAM|TS)\\b|枪版": 8, "3D|60fps": 6}
CUSTOM_WORDS = ("旧译名 => 新译名", "# 集数从零开始\nEP <> END >> EP+1")


def subscriptions(
    draw: Draw,
    acquisitions: list[Acquisition],
    wanted: Iterator[Work],
    known: list[Tracker],
    count: int,
) -> list[Row]:
    """Running series first, then films and seasons nobody has found yet."""
    running = [each for each in acquisitions if not each.is_complete]
    finished = [each for each in acquisitions if each.is_complete]
    upgrades = draw.some(finished, count // 4, count // 4)
    rows = [_running(draw, each) for each in draw.some(running, 0, count // 3)]
    rows += [_upgrade(draw, each) for each in upgrades]
    rows += [_wanted(draw, each) for each in islice(wanted, count - len(rows))]
    _repeat_some(draw, rows)
    return numbered(sorted((row | _search(draw, known) for row in rows), key=_date))


def _date(row: Row) -> str:
    return str(row["date"])


def _repeat_some(draw: Draw, rows: list[Row]) -> None:
    """Two people wanted the same thing: nothing in the database forbids it."""
    for _ in range(max(1, len(rows) // 100)):
        twin = draw.pick(rows) | {"username": "小满", "state": "R"}
        rows[draw.between(0, len(rows) - 1)] = twin


def _running(draw: Draw, acquisition: Acquisition) -> Row:
    owned = acquisition.episodes
    return {
        **_media(acquisition.work, acquisition.season),
        **_owner(acquisition.owner, acquisition.started),
        "total_episode": acquisition.total,
        "start_episode": 1,
        "lack_episode": acquisition.total - len(owned),
        "note": owned,
        "state": draw.weighted({"R": 92, "S": 8}),
        "last_update": stamp(acquisition.finished),
        **_upgrading(None),
    }


def _upgrade(draw: Draw, acquisition: Acquisition) -> Row:
    owned = acquisition.episodes or [1]
    priority = draw.pick((70, 80, 90, 99))
    reached = {str(number): priority for number in owned}
    return {
        **_media(acquisition.work, acquisition.season),
        **_owner(acquisition.owner, acquisition.started),
        "total_episode": acquisition.total if acquisition.season else 0,
        "start_episode": 1 if acquisition.season else None,
        "lack_episode": 0,
        "note": owned,
        "state": draw.weighted({"R": 80, "S": 20}),
        "last_update": stamp(acquisition.finished),
        **_upgrading(priority, full=int(draw.chance(0.3))),
        "episode_priority": reached if acquisition.season else draw.pick((None, {})),
    }


def _wanted(draw: Draw, work: Work) -> Row:
    season = draw.between(1, len(work.seasons)) if work.seasons else None
    total = work.seasons[season - 1] if season else 0
    added = draw.ago(300, lean=2)
    return {
        **_media(work, season),
        **_owner(draw.pick(words.USERS), added),
        "total_episode": total,
        "start_episode": 1 if season else draw.pick((None, 0)),
        "lack_episode": total,
        "note": draw.pick(([], None, JSON_NULL)),
        "state": draw.weighted(STATES),
        "last_update": stamp(added) if draw.chance(0.5) else None,
        **_upgrading(None),
    }


def _media(work: Work, season: int | None) -> Row:
    return {
        "name": work.title,
        "year": work.year,
        "type": work.type,
        "tmdbid": work.tmdbid,
        "imdbid": work.imdbid,
        "tvdbid": work.tvdbid,
        "doubanid": work.doubanid,
        "bangumiid": work.bangumiid,
        "season": season,
        "poster": work.poster,
        "backdrop": None,
        "vote": work.vote,
        "description": work.overview,
    }


def _owner(name: str, added: dt.datetime) -> Row:
    return {"username": name, "date": stamp(added)}


def _upgrading(priority: int | None, *, full: int = 0) -> Row:
    return {
        "best_version": int(priority is not None),
        "best_version_full": full,
        "current_priority": priority,
        "episode_priority": None,
    }


def _search(draw: Draw, known: list[Tracker]) -> Row:
    """How and where releases are looked for."""
    return {
        **_rules(draw, known),
        "keyword": draw.weighted({None: 88, "": 8, "导演剪辑版": 4}),
        "mediaid": "sample:" + draw.hex(6) if draw.chance(0.02) else None,
        "downloader": draw.weighted({None: 70, "": 15, "transmission": 15}),
        "save_path": draw.weighted({None: 92, "/downloads/电影/4K": 8}),
        "search_imdbid": int(draw.chance(0.06)),
        "manual_total_episode": int(draw.chance(0.05)),
        "custom_words": draw.pick(CUSTOM_WORDS) if draw.chance(0.03) else None,
        "media_category": draw.weighted({None: 85, "": 8, "纪录片": 7}),
        "episode_group": draw.hex(24) if draw.chance(0.02) else None,
    }


def _rules(draw: Draw, known: list[Tracker]) -> Row:
    return {
        "filter": None,
        "include": draw.weighted(INCLUDES),
        "exclude": draw.weighted(EXCLUDES),
        "quality": draw.weighted(QUALITIES),
        "resolution": draw.weighted(RESOLUTIONS),
        "effect": draw.weighted(EFFECTS),
        "sites": _sites(draw, known),
        "filter_groups": _filter_groups(draw),
    }


def _sites(draw: Draw, known: list[Tracker]) -> list[int]:
    """Ids of sites; empty means the default ones, some sites are gone."""
    if draw.chance(0.6):
        return []
    ids = sorted(each.id for each in draw.some(known, 1, 6))
    return [*ids, draw.pick(DELETED_IDS)] if draw.chance(0.15) else ids


def _filter_groups(draw: Draw) -> Any:
    if draw.chance(0.25):
        return draw.some(words.RULE_GROUPS, 1, 2)
    return draw.pick(([], [], None, JSON_NULL))


# Columns that a finished subscription no longer has.
RUNNING_ONLY = frozenset(
    {
        "current_priority",
        "downloader",
        "lack_episode",
        "last_update",
        "manual_total_episode",
        "note",
        "state",
    }
)


def finished(
    draw: Draw, acquisitions: list[Acquisition], known: list[Tracker], count: int
) -> list[Row]:
    """Subscription history: the latest subscriptions that were completed."""
    done = [each for each in acquisitions if each.is_complete]
    done = sorted(done, key=lambda each: each.finished)[-count:]
    return numbered([_finished(draw, each, known) for each in done])


def _finished(draw: Draw, acquisition: Acquisition, known: list[Tracker]) -> Row:
    upgrade = draw.chance(0.1)
    row = (_upgrade if upgrade else _running)(draw, acquisition) | _search(draw, known)
    row = {name: value for name, value in row.items() if name not in RUNNING_ONLY}
    row["sites"] = row["sites"] or draw.pick(([], None, JSON_NULL))
    return row | {"date": stamp(acquisition.finished)}
