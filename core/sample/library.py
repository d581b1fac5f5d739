"""The media servers' items: what has been organised, as each server lists it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.fields import JSON_NULL
from core.sample.draw import Draw, Row, numbered, stamp
from core.sample.transfers import Transfer, library_folder, library_path
from core.sample.works import MOVIE

JELLYFIN = "Jellyfin"
EMBY = "Emby 客厅"
LIBRARIES = {
    "电影": "f137a2dd21bbc1b99aa5c0f6bf02a805",
    "电视剧": "a656b907eb3a73532e40e44b968d0225",
}
EMBY_LIBRARIES = {"电影": "3", "电视剧": "5"}


def items(draw: Draw, moved: list[Transfer]) -> list[Row]:
    """One item per work on the first server; the second holds most of them."""
    works = _by_work(moved)
    rows = [_jellyfin(draw, group) for group in works]
    rows += [_emby(draw, group) for group in works if draw.chance(0.6)]
    return numbered(rows)


def _by_work(moved: list[Transfer]) -> list[list[Transfer]]:
    groups: dict[int, list[Transfer]] = {}
    for transfer in moved:
        if transfer.error is None:
            groups.setdefault(transfer.work.number, []).append(transfer)
    return list(groups.values())


def _jellyfin(draw: Draw, group: list[Transfer]) -> Row:
    # The newer sync stamps its items to the microsecond.
    synced = draw.day - dt.timedelta(hours=3, microseconds=582_113)
    return _item(draw, group) | {
        "server": JELLYFIN,
        "library": LIBRARIES[group[0].work.type],
        "item_id": draw.hex(32),
        "lst_mod_date": synced.isoformat(" "),
    }


def _emby(draw: Draw, group: list[Transfer]) -> Row:
    return _item(draw, group) | {
        "server": EMBY,
        "library": EMBY_LIBRARIES[group[0].work.type],
        "item_id": str(1_000 + group[0].work.number * 11),
        "lst_mod_date": stamp(draw.day - dt.timedelta(hours=9)),
    }


def _item(draw: Draw, group: list[Transfer]) -> Row:
    work = group[-1].work
    tvdbid = work.tvdbid
    return {
        "item_type": work.type,
        "title": work.title,
        "original_title": work.original if draw.chance(0.85) else None,
        "year": work.year,
        "tmdbid": work.tmdbid if draw.chance(0.97) else None,
        "imdbid": work.imdbid,
        "tvdbid": str(tvdbid) if tvdbid else draw.pick((None, "")),
        "path": library_path(group[-1]) if work.type == MOVIE else library_folder(work),
        "seasoninfo": _seasons(group),
        "note": draw.pick((None, JSON_NULL, {})),
    }


def _seasons(group: list[Transfer]) -> dict[str, Any]:
    """Episodes by season; the keys are text, as in every JSON object."""
    seasons: dict[str, set[int]] = {}
    for transfer in group:
        if transfer.season and transfer.file.episode:
            seasons.setdefault(str(transfer.season), set()).add(transfer.file.episode)
    return {season: sorted(seasons[season]) for season in sorted(seasons)}
