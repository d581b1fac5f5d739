"""What was downloaded: the releases behind history, subscriptions and the library."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.sample import vocabulary as words
from core.sample.draw import Draw
from core.sample.works import Work

# Video bytes of one hour and a half, by resolution.
SIZES = {"2160p": 14_000_000_000, "1080p": 4_600_000_000, "720p": 1_500_000_000}
RESOLUTIONS = {"2160p": 26, "1080p": 66, "720p": 8}
SOURCES = {"WEB-DL": 66, "BluRay": 22, "HDTV": 7, "BluRay.Remux": 5}
CODECS = ("H264", "H265", "x265.10bit", "HEVC.HDR", "AVC")
AUDIO = ("AAC", "DDP5.1", "DTS-HD.MA.5.1", "TrueHD.7.1.Atmos", "FLAC.2.0")
FOLDERS = {"电影": "/downloads/电影", "电视剧": "/downloads/电视剧"}
PACK_LIMIT = 12
HISTORY_DAYS = 730


@dataclass(frozen=True, slots=True)
class File:
    """A file inside a release; `episode` is None for films and side files."""

    path: str
    size: int
    episode: int | None = None

    @property
    def is_video(self) -> bool:
        return self.path.endswith((".mkv", ".mp4"))


@dataclass(frozen=True, slots=True)
class Release:
    work: Work
    season: int | None
    episodes: tuple[int, ...]
    name: str
    site: str
    group: str
    resolution: str
    hash: str
    downloader: str
    owner: str
    date: dt.datetime
    files: tuple[File, ...]

    @property
    def savepath(self) -> str:
        if self.downloader == "qb-seedbox":
            return "/downloads/seedbox"
        if self.work.category in words.ANIME_CATEGORIES:
            return "/downloads/动漫"
        return FOLDERS[self.work.type]

    @property
    def path(self) -> str:
        """Save directory and the file or folder the release brings."""
        return f"{self.savepath}/{self.files[0].path.split('/')[0]}"


@dataclass(frozen=True, slots=True)
class Acquisition:
    """How far one film or season has come."""

    work: Work
    season: int | None
    total: int
    releases: tuple[Release, ...]

    @property
    def episodes(self) -> list[int]:
        return sorted({number for each in self.releases for number in each.episodes})

    @property
    def is_complete(self) -> bool:
        return self.season is None or len(self.episodes) >= self.total

    @property
    def owner(self) -> str:
        return self.releases[0].owner

    @property
    def started(self) -> dt.datetime:
        return self.releases[0].date

    @property
    def finished(self) -> dt.datetime:
        return self.releases[-1].date


def acquire(
    draw: Draw, works: Iterator[Work], sites: list[str], count: int
) -> Iterator[Acquisition]:
    """Take works from the catalogue until `count` releases have been downloaded."""
    left = count
    while left:
        for plan in _plans(draw, next(works)):
            plan = plan[:left]
            if plan:
                left -= len(plan)
                yield _acquisition(draw, plan, sites)


@dataclass(frozen=True, slots=True)
class _Want:
    work: Work
    season: int | None
    episodes: tuple[int, ...]
    date: dt.datetime


def _plans(draw: Draw, work: Work) -> Iterator[list[_Want]]:
    if work.is_movie:
        yield _movie(draw, work)
    for season, total in enumerate(work.seasons, 1):
        weekly = draw.chance(0.34)
        yield (_airing if weekly else _packs)(draw, work, season, total)


def _movie(draw: Draw, work: Work) -> list[_Want]:
    first = _first(draw, work, lean=1.25)
    dates = [first]
    if draw.chance(0.12):  # a better version, later
        dates.append(first + dt.timedelta(days=draw.between(5, 90), minutes=17))
    return [_Want(work, None, (), date) for date in dates if date < draw.day]


def _first(draw: Draw, work: Work, *, lean: float) -> dt.datetime:
    """When the first release was found: not before the work's year."""
    age = draw.day - dt.datetime(int(work.year), 1, 1)  # noqa: DTZ001 - naive, as stored
    return draw.ago(min(HISTORY_DAYS, age.days), lean=lean)


def _airing(draw: Draw, work: Work, season: int, total: int) -> list[_Want]:
    """Episode by episode as they come out, up to today."""
    first = _first(draw, work, lean=2.6)
    pace = draw.weighted({7.0: 70, 1.0: 20, 0.5: 10})
    wants = []
    for episode in range(1, total + 1):
        late = dt.timedelta(minutes=draw.between(0, 300))
        date = first + dt.timedelta(days=pace * (episode - 1)) + late
        wants.append(_Want(work, season, (episode,), date))
    return [want for want in wants if want.date < draw.day]


def _packs(draw: Draw, work: Work, season: int, total: int) -> list[_Want]:
    """A finished season in packs of 2 to 12 episodes."""
    date = _first(draw, work, lean=1.25)
    parts = -(-total // PACK_LIMIT)
    size = -(-total // parts)
    numbers = range(1, total + 1)
    return [
        _Want(work, season, tuple(numbers[start : start + size]), date)
        for start in range(0, total, size)
    ]


def _acquisition(draw: Draw, wants: list[_Want], sites: list[str]) -> Acquisition:
    owner = draw.pick(words.USERS) if draw.chance(0.55) else "admin"
    site = _site(draw, sites)
    releases: list[Release] = []
    for want in wants:
        if draw.chance(0.25):
            site = _site(draw, sites)
        release = _release(draw, want, site, owner)
        if releases and release.season is None and draw.chance(0.15):
            release = replace(releases[-1], date=want.date)  # the same torrent again
        releases.append(release)
    work, season = wants[0].work, wants[0].season
    total = work.seasons[season - 1] if season else 1
    return Acquisition(work, season, total, tuple(releases))


def _site(draw: Draw, sites: list[str]) -> str:
    """A site; the first ones give most of the releases."""
    return sites[int(draw.random.random() ** 2.4 * len(sites))]


def _release(draw: Draw, want: _Want, site: str, owner: str) -> Release:
    resolution = draw.weighted(RESOLUTIONS)
    fansub = want.work.category in words.ANIME_CATEGORIES and draw.chance(0.6)
    group = draw.pick(words.FANSUB_GROUPS if fansub else words.GROUPS)
    name = (_fansub_name if fansub else _scene_name)(draw, want, resolution, group)
    return Release(
        work=want.work,
        season=want.season,
        episodes=want.episodes,
        name=name,
        site=site,
        group=group,
        resolution=resolution,
        hash=draw.hex(40),
        downloader=draw.weighted(words.DOWNLOADERS),
        owner=owner,
        date=want.date,
        files=tuple(_files(draw, want, name, resolution)),
    )


def episode_code(season: int | None, episodes: tuple[int, ...]) -> str:
    """`S01E05`, `S01E01-E12` or ''."""
    if season is None:
        return ""
    return f"S{season:02d}{episode_text(episodes)}"


def episode_text(episodes: tuple[int, ...]) -> str:
    first, last = episodes[0], episodes[-1]
    return f"E{first:02d}" if first == last else f"E{first:02d}-E{last:02d}"


def _scene_name(draw: Draw, want: _Want, resolution: str, group: str) -> str:
    code = episode_code(want.season, want.episodes)
    source = draw.weighted(SOURCES)
    lead = f"[{want.work.title}]." if draw.chance(0.12) else ""
    parts = [want.work.slug, code, want.work.year, resolution, source]
    parts += [draw.pick(CODECS), draw.pick(AUDIO)]
    return f"{lead}{'.'.join(part for part in parts if part)}-{group}"


def _fansub_name(draw: Draw, want: _Want, resolution: str, group: str) -> str:
    numbers = "-".join(
        f"{n:02d}" for n in sorted({want.episodes[0], want.episodes[-1]})
    )
    title = want.work.title if draw.chance(0.6) else want.work.original
    season = f" 第{want.season}季" if want.season and want.season > 1 else ""
    return f"[{group}] {title}{season} [{numbers}][{resolution}][简繁内封]"


def _files(draw: Draw, want: _Want, name: str, resolution: str) -> Iterator[File]:
    minutes = 110 if want.work.is_movie else 44
    typical = SIZES[resolution] * minutes // 90
    suffix = "mp4" if draw.chance(0.06) else "mkv"
    for stem, episode in _stems(want, name):
        size = int(typical * draw.random.uniform(0.6, 1.5))
        yield File(f"{stem}.{suffix}", size, episode)
    if draw.chance(0.18):
        yield File(f"{stem}.chs.ass", draw.between(30_000, 120_000))
    if len(want.episodes) > 1 and draw.chance(0.3):
        yield File(f"{name}/{name}.nfo", draw.between(2_000, 9_000))


def _stems(want: _Want, name: str) -> Iterator[tuple[str, int | None]]:
    if len(want.episodes) > 1:
        slug = want.work.slug
        for number in want.episodes:
            yield f"{name}/{slug}.{episode_code(want.season, (number,))}", number
    elif want.season:
        yield name, want.episodes[0]
    else:
        yield f"{name}/{name}", None
