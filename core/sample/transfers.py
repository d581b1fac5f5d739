"""Transfer history: what was organised into the library, and what failed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from core.fields import JSON_NULL
from core.sample.downloads import image
from core.sample.draw import Draw, Row, numbered, stamp
from core.sample.releases import File, Release
from core.sample.works import MOVIE, Work

MODES = {"link": 66, "copy": 14, "move": 14, "softlink": 6}
CLOUD_MODES = {"copy": 55, "move": 35, "rclone_copy": 7, "rclone_move": 3}
STORAGES = {"local": 91, "u115": 4, "alipan": 2, "rclone": 2, "alist": 1}
# Reasons that leave the media unknown, and reasons that do not.
UNRECOGNISED = (
    "无法识别媒体信息：没有找到匹配的影视条目",
    "无法识别季集：文件名中没有集数",
    "识别结果不唯一，请手动整理",
)
FAILURES = (
    "目标文件已存在，当前覆盖模式为从不覆盖",
    "目标文件已存在，且体积不小于源文件",
    "硬链接失败：源目录与媒体库目录不在同一个文件系统",
    "媒体库磁盘空间不足，剩余 {left} GB",
    "源文件不存在，可能已被下载器移走",
    "没有写入目标目录的权限 (errno 13)",
    "没有匹配到可用的媒体库目录",
    "上传到网盘失败：登录凭据已过期",
    "上传到网盘失败：连接超时 (60s)",
)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One file on its way into the library."""

    work: Work
    season: int | None
    file: File
    folder: str
    resolution: str
    date: dt.datetime
    release: Release | None = None
    error: str | None = None

    @property
    def src(self) -> str:
        return f"{self.folder}/{self.file.path}"


def transfers(draw: Draw, releases: list[Release], count: int) -> list[Transfer]:
    """Exactly `count` transfers: of the releases first, the rest made by hand."""
    moved = [each for release in releases for each in _of_release(draw, release)]
    moved += _by_hand(draw, releases, count - len(moved))
    return sorted(moved, key=lambda each: each.date)[-count:]


def _of_release(draw: Draw, release: Release) -> Iterator[Transfer]:
    if draw.chance(0.015):  # deleted before it finished
        return
    error = _error(draw) if draw.chance(0.03) else None
    date = release.date + dt.timedelta(seconds=draw.between(300, 14_000))
    for file in release.files:
        if not file.is_video:
            continue
        date += dt.timedelta(seconds=draw.between(1, 40))
        if date >= draw.day:  # still downloading
            return
        transfer = _first_try(draw, release, file, date)
        yield from _tries(draw, replace(transfer, error=error))


def _first_try(draw: Draw, release: Release, file: File, date: dt.datetime) -> Transfer:
    return Transfer(
        work=release.work,
        season=release.season,
        file=file,
        folder=release.savepath,
        resolution=release.resolution,
        date=date,
        release=release,
    )


def _tries(draw: Draw, transfer: Transfer) -> Iterator[Transfer]:
    """The transfer; a failed one is repeated by hand now and then."""
    if transfer.error is None and draw.chance(0.032):
        transfer = replace(transfer, error=_error(draw))
    yield transfer
    again = transfer.date + dt.timedelta(hours=draw.between(2, 90))
    if transfer.error and again < draw.day and draw.chance(0.2):
        yield replace(transfer, error=None, date=again)


def _error(draw: Draw) -> str:
    if draw.chance(0.3):
        return draw.pick(UNRECOGNISED)
    return draw.pick(FAILURES).format(left=draw.between(1, 9) / 10)


def _by_hand(draw: Draw, releases: list[Release], count: int) -> Iterator[Transfer]:
    """Files somebody copied in without a download, of works known by then."""
    for _ in range(count):
        release = draw.pick(releases)
        file = next(each for each in release.files if each.is_video)
        bare = replace(file, path=file.path.rsplit("/", 1)[-1])
        error = _error(draw) if draw.chance(0.06) else None
        yield Transfer(
            work=release.work,
            season=release.season,
            file=bare,
            folder=draw.pick(("/downloads/手动", "/downloads/incoming", "/云下载")),
            resolution=release.resolution,
            date=draw.ago((draw.day - release.date).total_seconds() / 86400),
            error=error,
        )


def rows(draw: Draw, moved: list[Transfer]) -> list[Row]:
    return numbered([_row(draw, transfer) for transfer in moved])


def _row(draw: Draw, transfer: Transfer) -> Row:
    release = transfer.release
    return {
        **_source(draw, transfer),
        **_target(draw, transfer),
        **_media(transfer),
        "image": image(draw),
        "downloader": release.downloader if release else None,
        "download_hash": release.hash if release else None,
        "status": transfer.error is None,
        "errmsg": transfer.error or draw.pick((None, None, "")),
        "date": stamp(transfer.date),
    }


def _source(draw: Draw, transfer: Transfer) -> Row:
    storage = "u115" if transfer.folder == "/云下载" else "local"
    modified = transfer.date - dt.timedelta(minutes=3)
    item = file_item(draw, transfer.src, storage, transfer.file.size, modified)
    return {
        "src": transfer.src,
        "src_storage": storage,
        "src_fileitem": item,
        "files": [transfer.src] if draw.chance(0.97) else draw.pick(([], JSON_NULL)),
    }


def _target(draw: Draw, transfer: Transfer) -> Row:
    storage = draw.weighted(STORAGES)
    mode = draw.weighted(MODES if storage == "local" else CLOUD_MODES)
    path: str | None = None
    item: Any = draw.pick(({}, JSON_NULL, None))
    if transfer.error is None:
        path = library_path(transfer)
        item = file_item(draw, path, storage, transfer.file.size, transfer.date)
    return {"dest": path, "dest_storage": storage, "dest_fileitem": item, "mode": mode}


def library_path(transfer: Transfer) -> str:
    """Where the file ends up: kind, category, work, season."""
    work, episode = transfer.work, transfer.file.episode
    suffix = transfer.file.path.rsplit(".", 1)[-1]
    folder = library_folder(work)
    if transfer.season is None:
        return f"{folder}/{work.folder} - {transfer.resolution}.{suffix}"
    code = f"S{transfer.season:02d}E{episode or 0:02d}"
    name = f"{work.title} - {code} - 第 {episode} 集.{suffix}"
    return f"{folder}/Season {transfer.season}/{name}"


def library_folder(work: Work) -> str:
    return f"/media/{work.type}/{work.category}/{work.folder}"


def _media(transfer: Transfer) -> Row:
    work, episode = transfer.work, transfer.file.episode
    if transfer.error in UNRECOGNISED:
        return _unknown(transfer)
    return {
        "type": work.type,
        "category": work.category,
        "title": work.title,
        "year": work.year,
        "tmdbid": work.tmdbid,
        "imdbid": work.imdbid,
        "tvdbid": work.tvdbid,
        "doubanid": work.doubanid,
        "seasons": f"S{transfer.season:02d}" if transfer.season else None,
        "episodes": f"E{episode:02d}" if episode else None,
        "episode_group": None,
    }


def _unknown(transfer: Transfer) -> Row:
    """An unrecognised file keeps its raw name as the title."""
    columns = ("category", "year", "tmdbid", "imdbid", "tvdbid", "doubanid")
    raw = transfer.file.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return {
        **dict.fromkeys((*columns, "seasons", "episodes", "episode_group")),
        "type": MOVIE if transfer.season is None else "未知",
        "title": raw,
    }


def file_item(
    draw: Draw, path: str, storage: str, size: int, modified: dt.datetime
) -> Row:
    """MoviePilot's description of a file, in its key order."""
    name = path.rsplit("/", 1)[-1]
    basename, _, extension = name.rpartition(".")
    cloud = storage != "local"
    return {
        "storage": storage,
        "path": path,
        "type": "file",
        "name": name,
        "basename": basename,
        "extension": extension,
        "size": size,
        "modify_time": _epoch(draw, modified),
        "children": [],
        "fileid": str(draw.random.getrandbits(60)) if cloud else None,
        "parent_fileid": str(draw.random.getrandbits(60)) if cloud else None,
        "thumbnail": None,
        "pickcode": draw.hex(17) if storage == "u115" else None,
        "drive_id": "0" if storage == "alipan" else None,
        "url": None,
    }


def _epoch(draw: Draw, moment: dt.datetime) -> float:
    """Seconds since 1970 with the fraction a file system keeps."""
    seconds = (moment - dt.datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 - naive
    return round(seconds + draw.random.random(), 6)
