"""The films and series that everything else in the sample refers to."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from core.sample import vocabulary as words
from core.sample.draw import Draw

MOVIE = "电影"
SERIES = "电视剧"
EPISODES = {
    6: 10,
    8: 16,
    10: 16,
    12: 26,
    13: 6,
    16: 8,
    20: 4,
    24: 10,
    30: 3,
    36: 3,
    40: 2,
}
SEASONS = {1: 62, 2: 22, 3: 10, 4: 4, 5: 2}
# Far above the numbers the real catalogues have given out.
FIRST_TMDBID = 9_100_000


@dataclass(frozen=True, slots=True)
class Work:
    """A film, or a series with the number of episodes of each season."""

    number: int
    type: str
    category: str
    title: str
    original: str
    year: str
    imdbid: str | None
    tvdbid: int | None
    doubanid: str | None
    bangumiid: int | None
    vote: float
    overview: str
    seasons: tuple[int, ...]

    @property
    def tmdbid(self) -> int:
        return FIRST_TMDBID + self.number * 7

    @property
    def is_movie(self) -> bool:
        return self.type == MOVIE

    @property
    def folder(self) -> str:
        return f"{self.title} ({self.year})"

    @property
    def slug(self) -> str:
        """The English title as release names write it."""
        return re.sub(r"[^A-Za-z0-9]+", ".", self.original).strip(".")

    @property
    def poster(self) -> str:
        """A drawn poster that needs no network."""
        hue = self.number * 47 % 360
        svg = (
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 2 3'>"
            f"<rect width='2' height='3' fill='hsl({hue},38%,34%)'/>"
            f"<circle cx='1.5' cy='.7' r='.9' fill='hsl({(hue + 40) % 360},52%,58%)'/>"
            "<text x='.16' y='2.7' font-size='.8' fill='#fff'>"
            f"{self.title[0]}</text></svg>"
        )
        return "data:image/svg+xml," + quote(svg, safe="=:/',()")


def catalogue(draw: Draw) -> Iterator[Work]:
    """Works without end, no title twice."""
    seen: set[str] = set()
    number = 0
    while True:
        number += 1
        work = _classic(draw, number) if number % 45 == 0 else _work(draw, number)
        if work.title not in seen:
            seen.add(work.title)
            yield work


def _classic(draw: Draw, number: int) -> Work:
    title, original, year = words.CLASSICS[number // 45 % len(words.CLASSICS)]
    return _described(draw, number, (MOVIE, "外语电影"), (title, original, year))


def _work(draw: Draw, number: int) -> Work:
    kind = MOVIE if draw.chance(0.69) else SERIES
    categories = words.MOVIE_CATEGORIES if kind == MOVIE else words.SERIES_CATEGORIES
    category = draw.weighted(categories)
    title, original = _title(draw, kind)
    # A foreign work nobody translated keeps its own title.
    if category not in words.CHINESE_CATEGORIES and draw.chance(0.2):
        title = original
    newest = draw.day - dt.timedelta(days=180)
    year = str(newest.year - int(draw.random.random() ** 2.2 * 40))
    return _described(draw, number, (kind, category), (title, original, year))


def _title(draw: Draw, kind: str) -> tuple[str, str]:
    patterns: tuple[tuple[str, str], ...] = words.TITLE_PATTERNS
    if kind == SERIES:
        patterns += words.SERIES_PATTERNS * 2
    chinese, english = draw.pick(patterns)
    thing, other = draw.some(words.THINGS, 2, 2)
    parts = {
        "quality": draw.pick(words.QUALITIES),
        "thing": thing,
        "other": other,
        "place": draw.pick(words.PLACES),
        "job": draw.pick(words.JOBS),
    }
    title = chinese.format(**{name: pair[0] for name, pair in parts.items()})
    original = english.format(**{name.title(): pair[1] for name, pair in parts.items()})
    return title, original[0].upper() + original[1:]


def _overview(draw: Draw) -> str:
    return draw.pick(words.OVERVIEWS).format(
        job=draw.pick(words.JOBS)[0],
        place=draw.pick(words.PLACES)[0],
        thing=draw.pick(words.THINGS)[0],
    )


def _described(
    draw: Draw, number: int, shelf: tuple[str, str], name: tuple[str, str, str]
) -> Work:
    (kind, category), (title, original, year) = shelf, name
    count = 0 if kind == MOVIE else draw.weighted(SEASONS)
    anime = category in words.ANIME_CATEGORIES
    return Work(
        number=number,
        type=kind,
        category=category,
        title=title,
        original=original,
        year=year,
        imdbid=f"tt9{draw.between(0, 9_999_999):07d}" if draw.chance(0.8) else None,
        tvdbid=draw.between(8_000_000, 8_999_999)
        if count and draw.chance(0.7)
        else None,
        doubanid=str(draw.between(90_000_000, 99_999_999))
        if draw.chance(0.4)
        else None,
        bangumiid=draw.between(900_000, 999_999)
        if anime and draw.chance(0.5)
        else None,
        vote=round(draw.random.gauss(7.1, 0.9), 1) if draw.chance(0.96) else 0.0,
        overview=_overview(draw),
        seasons=tuple(draw.weighted(EPISODES) for _ in range(count)),
    )
