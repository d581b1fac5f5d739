"""Download history and the files of each download."""

from __future__ import annotations

import json
from collections.abc import Iterator

from core.fields import JSON_NULL
from core.sample.draw import Draw, Row, numbered, stamp
from core.sample.releases import Release, episode_code, episode_text

CHANNELS = {"Web": 30, "": 30, "Telegram": 22, "微信": 14, None: 4}
CHAT_IDS = {"Telegram": "700000", "微信": "wxid_sample"}


def downloads(draw: Draw, releases: list[Release]) -> list[Row]:
    return numbered([_download(draw, release) for release in releases])


def _download(draw: Draw, release: Release) -> Row:
    work = release.work
    return {
        "path": release.path,
        "type": work.type,
        "title": work.title,
        "year": work.year,
        "tmdbid": work.tmdbid,
        "imdbid": work.imdbid,
        "tvdbid": work.tvdbid,
        "doubanid": work.doubanid,
        "seasons": f"S{release.season:02d}" if release.season else None,
        "episodes": episode_text(release.episodes) if release.episodes else None,
        "image": image(draw),
        "downloader": release.downloader,
        "download_hash": release.hash,
        "torrent_name": release.name,
        "torrent_description": _description(draw, release),
        "torrent_site": release.site,
        **_asked_by(draw, release),
        "date": stamp(release.date),
        "media_category": work.category if draw.chance(0.7) else None,
        "episode_group": draw.hex(24) if release.season and draw.chance(0.01) else None,
        "custom_words": "旧译名 => 新译名" if draw.chance(0.01) else None,
    }


def image(draw: Draw) -> str | None:
    """Mostly nothing: the sample shows no picture that a network must bring."""
    if draw.chance(0.01):
        return f"https://image.example/t/p/w500/{draw.hex(16)}.jpg"
    return "" if draw.chance(0.3) else None


def _description(draw: Draw, release: Release) -> str | None:
    if draw.chance(0.08):
        return None
    code = episode_code(release.season, release.episodes)
    language = draw.pick(
        ("国语中字", "简繁英字幕", "双语内封字幕", "English subtitles")
    )
    return " | ".join(part for part in (release.work.title, code, language) if part)


def _asked_by(draw: Draw, release: Release) -> Row:
    channel = draw.weighted(CHANNELS)
    return {
        "userid": CHAT_IDS.get(channel or ""),
        "username": release.owner,
        "channel": channel,
        "note": _source(draw, release),
    }


def _source(draw: Draw, release: Release) -> object:
    """Where the download came from; old rows hold no, null or an empty note."""
    if draw.chance(0.72):
        wanted = {"name": release.work.title, "year": release.work.year}
        if release.season:
            wanted["season"] = str(release.season)
        return {"source": "Subscribe|" + json.dumps(wanted, ensure_ascii=False)}
    return draw.pick(({"source": None}, {"source": None}, {}, JSON_NULL, None))


def files(draw: Draw, releases: list[Release]) -> list[Row]:
    return numbered([row for each in releases for row in _files(draw, each)])


def _files(draw: Draw, release: Release) -> Iterator[Row]:
    deleted = draw.chance(0.07)
    for file in release.files:
        yield {
            "downloader": release.downloader,
            "download_hash": release.hash,
            "fullpath": f"{release.savepath}/{file.path}",
            "savepath": release.savepath,
            "filepath": file.path,
            "torrentname": release.name,
            "state": 0 if deleted else 1,
        }
