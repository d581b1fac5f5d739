"""What the invented plugins keep: histories, counters, switches, loose values."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.fields import JSON_NULL
from core.sample import vocabulary as words
from core.sample.draw import Draw, Row, numbered, stamp
from core.sample.releases import Release
from core.sample.sites import Tracker

# A bare number, text or null is a whole value to a plugin.
LOOSE: tuple[Any, ...] = (
    0,
    42,
    3.14,
    True,
    False,
    "",
    "已完成",
    None,
    JSON_NULL,
    [],
    {},
)


def plugin_data(
    draw: Draw, known: list[Tracker], releases: list[Release], days: int
) -> list[Row]:
    rows = _sign_ins(draw, known, days) + _quotas(draw, days)
    for plugin in words.PLUGINS:
        rows += _histories(draw, plugin, releases)
        rows += _loose(draw, plugin)
    return numbered(rows)


def _value(plugin: str, key: str, value: Any) -> Row:
    return {"plugin_id": plugin, "key": key, "value": value}


def _sign_ins(draw: Draw, known: list[Tracker], days: int) -> list[Row]:
    """The result of each site's sign-in, a key a day."""
    rows = []
    for age in range(days, 0, -1):
        results = [
            {"site": tracker.name, "status": _status(draw)}
            for tracker in draw.some(known, 4, 12)
        ]
        rows.append(_value("LanternSignIn", _day(draw, age), results))
    return rows


def _quotas(draw: Draw, days: int) -> list[Row]:
    """Traffic of each day in GB: bare numbers, whole and not."""
    return [
        _value("QuotaGuard", f"{_day(draw, age)}.traffic", value)
        for age in range(days, 0, -1)
        for value in [draw.pick((0, draw.between(1, 90), draw.between(1, 900) / 8))]
    ]


def _day(draw: Draw, age: int) -> str:
    return f"{draw.day - dt.timedelta(days=age):%Y-%m-%d}"


def _status(draw: Draw) -> str:
    return draw.weighted({"签到成功": 80, "今日已签到": 14, "Cookie 已失效": 6})


def _histories(draw: Draw, plugin: str, releases: list[Release]) -> list[Row]:
    chosen = draw.some(releases, 3, 14)
    history = [
        {"title": each.work.title, "time": stamp(each.date), "path": each.path}
        for each in chosen
    ]
    torrents = {
        each.hash: {"site": each.site, "name": each.name} for each in chosen[:4]
    }
    return [
        _value(plugin, "history", history),
        _value(plugin, "torrents", torrents),
        _value(plugin, "last_run", stamp(draw.ago(3))),
    ]


def _loose(draw: Draw, plugin: str) -> list[Row]:
    names = ("count", "ratio", "paused", "note", "cache", "更新标记")
    return [
        _value(plugin, name, draw.pick(LOOSE))
        for name in draw.some(names, 2, len(names))
    ]
