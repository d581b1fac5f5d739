"""Transfer history shaped like MoviePilot's: about 1.2 kB a row, always the same rows.

Twelve rows in a row belong to one torrent, as the episodes of a season do. One in
sixteen failed. Everything is invented.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COLUMNS = _words("""
    id src src_storage src_fileitem dest dest_storage dest_fileitem mode type category
    title year tmdbid imdbid tvdbid doubanid seasons episodes image downloader
    download_hash status errmsg date files episode_group
""")
CHINESE = "琥珀"
"""In the titles of one row in 900."""
ENGLISH = "zephyr"
"""The same for a word of release names and of titles nobody translated."""
NOWHERE = "qqxzv"
"""In no row."""

PER_TORRENT = 12
WORKS = 6000
RARE = 900
"""One torrent in so many has CHINESE in its name, and another one has ENGLISH."""
FAILED_EVERY = 16
START = datetime(2017, 1, 1)  # noqa: DTZ001  MoviePilot's stamps are naive
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (the same)
SPAN = timedelta(days=3200)
TIED = 4
"""Rows in a row with the same stamp."""

FIRST = _words("""
    长夜 寂静 隐秘 遥远 漂浮 蓝色 破碎 明亮 无名 缓慢 漫长 失落 温柔 倒置 透明 沉睡
    空白 金色
""")
SECOND = _words("""
    灯塔 盐田 渡口 邮差 鲸鱼 风筝 铁路 果园 钟楼 星图 棋局 信箱 候鸟 茶馆 雨伞 码头
    唱片 温室 纸船 档案
""")
ADJECTIVES = _words("""
    Silent Hidden Distant Floating Broken Bright Nameless Endless Gentle Clear
    Sleeping Blank Golden Northern Winter Deep Slow Upside
""")
NOUNS = _words("""
    Lighthouse Saltfield Ferry Postman Whale Kite Railway Orchard Belltower Starchart
    Chess Letterbox Birds Teahouse Umbrella Quay Record Glasshouse Boat Archive
""")
SERIES_CATEGORIES = ("国产剧", "日韩剧", "欧美剧", "纪录片", "动漫", "综艺")
MOVIE_CATEGORIES = ("华语电影", "外语电影", "动画电影")
MODES = ("link", "link", "link", "copy", "move", "softlink")
ERRORS = (
    "无法识别媒体信息：没有找到匹配的影视条目",
    "目标文件已存在，当前覆盖模式为从不覆盖",
    "硬链接失败：源目录与媒体库目录不在同一个文件系统",
    "源文件不存在，可能已被下载器移走",
)
FILE = (
    '{"storage": "local", "path": %s, "type": "file", "name": %s, "basename": %s, '
    '"extension": "mkv", "size": %d, "modify_time": %d.%06d, "children": [], '
    '"fileid": null, "parent_fileid": null, "thumbnail": null, "pickcode": null, '
    '"drive_id": null, "url": null}'
)
"""A file as MoviePilot describes it, in its key order and its style of JSON."""


@dataclass(frozen=True)
class Work:
    """A film or a series."""

    number: int
    type: str
    category: str
    title: str
    original: str
    year: str

    @property
    def folder(self) -> str:
        """Where the library keeps it."""
        return f"/media/{self.type}/{self.category}/{self.title} ({self.year})"


def rows(count: int) -> Iterator[tuple[object, ...]]:
    """The first rows of a table that is to have this many, in the order of COLUMNS."""
    second = SPAN / count
    for index in range(count):
        date = START + second * (index - index % TIED)
        yield _row(index, date)


def _row(index: int, date: datetime) -> tuple[object, ...]:
    torrent, episode = index // PER_TORRENT, index % PER_TORRENT + 1
    work = _work(_number(torrent))
    name, source, target = _names(work, torrent, episode)
    size, epoch = (
        1_500_000_000 + index * 7919 % 900_000_000,
        int((date - EPOCH).total_seconds()),
    )
    failed = index % FAILED_EVERY == 5
    error = ERRORS[index // FAILED_EVERY % len(ERRORS)] if failed else None
    there = "{}" if failed else _file(target, size, epoch, index)
    is_series = work.type == "电视剧"
    return (
        index + 1,
        source,
        "local",
        _file(source, size, epoch - 180, index),
        None if failed else target,
        "local",
        there,
        MODES[torrent % len(MODES)],
        work.type,
        work.category,
        work.title,
        work.year,
        9_100_000 + work.number * 7,
        f"tt9{work.number:07d}",
        8_000_000 + work.number if is_series else None,
        None if work.number % 3 else str(90_000_000 + work.number),
        "S01" if is_series else None,
        f"E{episode:02d}" if is_series else None,
        f"https://image.tmdb.org/t/p/w500/{name[:4].lower()}{work.number:05d}.jpg",
        "qbittorrent" if torrent % 3 else "transmission",
        _hash(torrent),
        0 if failed else 1,
        error,
        date.isoformat(" ", "seconds"),
        json.dumps([source]),
        None,
    )


def _number(torrent: int) -> int:
    """Of the torrent's work; rare ones come last."""
    rare = torrent // RARE % 40 * 2
    if torrent % RARE == 7:
        return WORKS + rare
    return WORKS + rare + 1 if torrent % RARE == 457 else torrent * 1931 % WORKS


@cache
def _work(number: int) -> Work:
    first, second = number % len(FIRST), number // len(FIRST) % len(SECOND)
    chinese = f"{FIRST[first]}{SECOND[second]}"
    original = f"{ADJECTIVES[first]} {NOUNS[second]}"
    if number >= WORKS and number % 2:
        original = f"{ENGLISH.title()} {NOUNS[second]}"
    elif number >= WORKS:
        chinese = f"{CHINESE}{SECOND[second]}"
    part = number // (len(FIRST) * len(SECOND)) + 1
    is_series = number % 3 > 0
    is_untranslated = number < WORKS and number % 5 == 0
    categories = SERIES_CATEGORIES if is_series else MOVIE_CATEGORIES
    return Work(
        number,
        type="电视剧" if is_series else "电影",
        category=categories[number // 3 % len(categories)],
        title=f"{original} {part}" if is_untranslated else f"{chinese} {part}",
        original=f"{original} {part}",
        year=str(1985 + number * 13 % 40),
    )


def _names(work: Work, torrent: int, episode: int) -> tuple[str, str, str]:
    """Name of the release, path of its file, path in the library."""
    slug = work.original.replace(" ", ".")
    release = f"{slug}.{work.year}.1080p.WEB-DL.H264-DEMO{torrent % 97}"
    code = f"S01E{episode:02d}"
    source = f"/downloads/{work.type}/{release}/{slug}.{code}.mkv"
    if work.type == "电影":
        return release, source, f"{work.folder}/{work.title} - {code}.mkv"
    target = f"{work.folder}/Season 1/{work.title} - {code} - 第 {episode} 集.mkv"
    return release, source, target


def _file(path: str, size: int, epoch: int, index: int) -> str:
    name = path.rpartition("/")[2]
    texts = map(json.dumps, (path, name, name.removesuffix(".mkv")))
    return FILE % (*texts, size, epoch, index % 1_000_000)


@cache
def _hash(torrent: int) -> str:
    return hashlib.sha256(str(torrent).encode()).hexdigest()[:40]
