"""Messages: what MoviePilot announced, and what people asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from core.fields import JSON_NULL
from core.sample.configuration import TELEGRAM, WECHAT
from core.sample.downloads import CHAT_IDS
from core.sample.draw import Draw, Row, numbered, stamp
from core.sample.releases import Release, episode_code
from core.sample.sites import Tracker
from core.sample.transfers import Transfer
from core.sample.works import Work

SOURCES = {"Telegram": TELEGRAM, "微信": WECHAT, "Web": None, "WebPush": None}
COMMANDS = ("/subscribes", "/downloading", "/sites", "1", "下一页", "n")


def messages(
    draw: Draw,
    releases: Sequence[Release],
    moved: Sequence[Transfer],
    known: Sequence[Tracker],
    count: int,
) -> list[Row]:
    """The latest downloads and transfers as messages, and some talk between them."""
    makers: dict[Callable[[], Row], float] = {
        lambda: _added(draw, _recent(draw, releases)): 34,
        lambda: _arrived(draw, _recent(draw, moved)): 38,
        lambda: _asked(draw, _recent(draw, releases).work): 14,
        lambda: _site_down(draw, draw.pick(known)): 8,
        lambda: _plugin_done(draw): 6,
    }
    rows = [draw.weighted(makers)() for _ in range(count)]
    return numbered(sorted(rows, key=lambda row: str(row["reg_time"])))


def _recent(draw: Draw, values: Sequence[Any]) -> Any:
    """One of the latest fifth, of at most a thousand."""
    span = max(1, min(len(values) // 5, 1_000))
    return values[-draw.between(1, span)]


def _sent(draw: Draw, kind: str, moment: dt.datetime, title: str, text: str) -> Row:
    channel = draw.weighted({None: 60, "Telegram": 24, "微信": 12, "WebPush": 4})
    return {
        "channel": channel,
        "source": SOURCES[channel] if channel else None,
        "mtype": kind,
        "title": title,
        "text": text,
        "image": None,
        "link": draw.pick((None, "", "#/history")),
        "userid": CHAT_IDS.get(channel or ""),
        "reg_time": stamp(moment),
        "action": 1,
        "note": draw.pick(({}, None, JSON_NULL)),
    }


def _added(draw: Draw, release: Release) -> Row:
    code = episode_code(release.season, release.episodes)
    size = sum(file.size for file in release.files) / 1024**3
    return _sent(
        draw,
        "资源下载",
        release.date,
        f"{release.work.folder} {code} 开始下载".replace("  ", " "),
        f"站点：{release.site}\n大小：{size:.2f} GB\n种子：{release.name}",
    )


def _arrived(draw: Draw, transfer: Transfer) -> Row:
    work, episode = transfer.work, transfer.file.episode
    code = (
        f" S{transfer.season:02d}E{episode:02d}" if transfer.season and episode else ""
    )
    if transfer.error:
        title, text = f"{work.folder}{code} 整理失败", f"原因：{transfer.error}"
        return _sent(draw, "手动处理", transfer.date, title, text)
    return _sent(
        draw,
        "整理入库",
        transfer.date,
        f"{work.folder}{code} 已入库",
        f"类型：{work.type}，类别：{work.category}，质量：{transfer.resolution}",
    )


def _asked(draw: Draw, work: Work) -> Row:
    """A person's message; a search carries what was found."""
    channel = draw.weighted({"Telegram": 60, "微信": 30, "Web": 10})
    is_search = draw.chance(0.6)
    return {
        "channel": channel,
        "source": SOURCES[channel],
        "mtype": draw.pick((None, "")),
        "title": None,
        "text": work.title if is_search else draw.pick(COMMANDS),
        "image": "",
        "link": None,
        "userid": CHAT_IDS.get(channel, "admin"),
        "reg_time": stamp(draw.ago(40, lean=1.5)),
        "action": 0,
        "note": [_found(work)] if is_search else draw.pick((None, {}, [])),
    }


def _found(work: Work) -> dict[str, Any]:
    return {
        "title": work.title,
        "year": work.year,
        "type": work.type,
        "tmdb_id": work.tmdbid,
    }


def _site_down(draw: Draw, tracker: Tracker) -> Row:
    title, moment = f"站点 {tracker.name} 无法访问", draw.ago(40, lean=1.5)
    text = f"{tracker.domain} 连续 3 次访问失败，请检查 Cookie 或网络。"
    return _sent(draw, "站点", moment, title, text)


def _plugin_done(draw: Draw) -> Row:
    text = f"签到成功 {draw.between(20, 36)} 个，失败 {draw.between(0, 3)} 个"
    return _sent(draw, "插件", draw.ago(40, lean=1.5), "LanternSignIn 签到完成", text)
