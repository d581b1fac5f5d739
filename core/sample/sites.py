"""Sites, their icons, reachability and the daily snapshots of the accounts there."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.fields import JSON_NULL
from core.sample import vocabulary as words
from core.sample.draw import Draw, Row, numbered, stamp

# Sites that were deleted: their ids are still named elsewhere.
DELETED_IDS = (43, 47, 52, 58)
GONE = ("旧河床", "old-riverbed.example")
TIB = 1024**4
GIB = 1024**3
NEVER_SET = (None, "")
AGENT = "Mozilla/5.0 (X11; Linux x86_64) SampleBrowser/1.0"
VISIT_ERRORS = ("登录状态已失效，请更新 Cookie", "访问超时", "站点返回 502")
MAILS = (
    ("系统公告", "本周六 02:00 至 04:00 维护，期间无法登录。"),
    ("H&R 提醒", "您有一个种子的做种时间不足 72 小时。"),
    ("Welcome back", "Your account has been promoted."),
    ("魔力值兑换成功", "已扣除 5000 魔力值。"),
)


@dataclass(frozen=True, slots=True)
class Tracker:
    id: int
    name: str
    domain: str
    is_public: bool

    @property
    def url(self) -> str:
        return f"https://{self.domain}/"


def trackers() -> list[Tracker]:
    return [
        Tracker(number, name, f"{label}.example", name in words.PUBLIC_SITES)
        for number, (name, label) in enumerate(words.SITES, 1)
    ]


def sites(draw: Draw, known: list[Tracker]) -> list[Row]:
    return [_site(draw, tracker, place) for place, tracker in enumerate(known, 1)]


def _site(draw: Draw, tracker: Tracker, place: int) -> Row:
    return {
        "id": tracker.id,
        "name": tracker.name,
        "domain": tracker.domain,
        "url": tracker.url,
        "pri": place,
        **_login(draw, tracker),
        **_limits(draw),
        "proxy": int(draw.chance(0.2)),
        "render": int(draw.chance(0.15)),
        "public": int(tracker.is_public),
        "filter": draw.pick(NEVER_SET),
        # CookieCloud leaves the note unset, the API writes a null.
        "note": draw.pick((None, JSON_NULL, JSON_NULL, {})),
        "timeout": draw.weighted({15: 70, 30: 18, 60: 10, 0: 2}),
        "is_active": draw.chance(0.88),
        "lst_mod_date": stamp(draw.ago(600)),
        "downloader": draw.weighted({None: 60, "": 20, "transmission": 20}),
    }


def _login(draw: Draw, tracker: Tracker) -> Row:
    """A cookie, an API key or nothing; all of them plainly made up."""
    row = {name: draw.pick(NEVER_SET) for name in ("cookie", "apikey", "token", "rss")}
    row["ua"] = AGENT if draw.chance(0.7) else draw.pick(NEVER_SET)
    if tracker.is_public:
        return row
    if draw.chance(0.8):
        row["cookie"] = f"uid=SAMPLE-{tracker.id}; pass=SAMPLE-{draw.hex(24)}"
    elif draw.chance(0.7):
        row["apikey"] = f"SAMPLE-APIKEY-{draw.hex(16)}"
        row["token"] = f"SAMPLE-TOKEN-{draw.hex(16)}"
    if draw.chance(0.6):
        row["rss"] = f"{tracker.url}rss?passkey=SAMPLE{draw.hex(16)}"
    return row


def _limits(draw: Draw) -> Row:
    names = ("limit_interval", "limit_count", "limit_seconds")
    limits = draw.weighted({(0, 0, 0): 78, (60, 10, 0): 12, (600, 50, 5): 10})
    return dict(zip(names, limits, strict=True))


def icons(draw: Draw, known: list[Tracker]) -> list[Row]:
    rows = [
        {
            "name": tracker.name,
            "domain": tracker.domain,
            "url": f"{tracker.url}favicon.ico",
            "base64": _icon(tracker) if draw.chance(0.92) else draw.pick(NEVER_SET),
        }
        for tracker in known
    ]
    name, domain = GONE
    url = f"https://{domain}/favicon.ico"
    rows.append({"name": name, "domain": domain, "url": url, "base64": ""})
    return numbered(rows)


def _icon(tracker: Tracker) -> str:
    hue = tracker.id * 53 % 360
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
        f"<rect width='16' height='16' rx='4' fill='hsl({hue},45%,42%)'/>"
        f"<text x='8' y='12' font-size='10' text-anchor='middle' fill='#fff'>"
        f"{tracker.name[0]}</text></svg>"
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def statistics(draw: Draw, known: list[Tracker]) -> list[Row]:
    return numbered([_statistic(draw, tracker) for tracker in known])


def _statistic(draw: Draw, tracker: Tracker) -> Row:
    success, fail = draw.between(300, 9_000), draw.weighted({0: 30, 4: 40, 62: 30})
    visits = sorted(draw.ago(2) for _ in range(draw.between(4, 10)))
    seconds = [draw.between(0, 9) for _ in visits]
    times = {stamp(visit): each for visit, each in zip(visits, seconds, strict=True)}
    return {
        "domain": tracker.domain,
        "success": success,
        "fail": fail,
        "seconds": sum(seconds) // len(seconds),
        "lst_state": int(fail > 10 and draw.chance(0.4)),
        "lst_mod_date": stamp(visits[-1]),
        "note": times if draw.chance(0.85) else draw.pick((None, {}, JSON_NULL)),
    }


def user_data(draw: Draw, known: list[Tracker], days: int) -> list[Row]:
    """A snapshot a day for each account, and what a deleted site left behind."""
    gone = Tracker(DELETED_IDS[0], *GONE, is_public=False)
    accounts = [tracker for tracker in known if not tracker.is_public]
    rows = [row for each in accounts for row in _snapshots(draw, each, days)]
    rows += list(_snapshots(draw, gone, days))[: max(1, days // 6)]
    return numbered(sorted(rows, key=lambda row: row["updated_day"]))


def _snapshots(draw: Draw, tracker: Tracker, days: int) -> Iterator[Row]:
    account = _account(draw, tracker)
    figures = _Figures.first(draw)
    for age in range(days, 0, -1):
        moment = draw.day - dt.timedelta(days=age) + dt.timedelta(hours=6, minutes=age)
        figures.grow(draw)
        failed = draw.chance(0.03)
        yield {
            **account,
            **(_failed(draw) if failed else _counted(draw, figures, moment)),
            "updated_day": f"{moment:%Y-%m-%d}",
            "updated_time": f"{moment:%H:%M:%S}",
        }


def _account(draw: Draw, tracker: Tracker) -> Row:
    return {
        "domain": tracker.domain,
        "name": tracker.name,
        "username": draw.pick(("sample_user", "样例用户", "nightowl-demo")),
        "userid": str(draw.between(1_000, 99_999)),
        "user_level": draw.pick(words.USER_LEVELS),
        "join_at": stamp(draw.ago(2_500)),
    }


@dataclass(slots=True)
class _Figures:
    """An account's totals, growing from day to day. Bytes as MoviePilot's floats."""

    upload: float
    download: float
    bonus: float
    seeding: int
    seeding_size: float

    @classmethod
    def first(cls, draw: Draw) -> _Figures:
        upload = draw.random.lognormvariate(1.6, 1.1) * TIB
        seeding = draw.between(5, 420)
        size = float(seeding * draw.between(4, 22) * GIB)
        download = upload / draw.random.uniform(1.1, 6)
        return cls(round(upload), round(download), 9_000.0 * seeding, seeding, size)

    def grow(self, draw: Draw) -> None:
        self.upload += draw.between(0, 60) * GIB
        self.download += draw.between(0, 14) * GIB
        self.bonus = round(self.bonus + self.seeding * draw.random.uniform(0.4, 1.3), 1)
        change = draw.between(-1, 3)
        self.seeding = max(self.seeding + change, 0)
        self.seeding_size = max(self.seeding_size + change * 9.0 * GIB, 0.0)


def _counted(draw: Draw, figures: _Figures, moment: dt.datetime) -> Row:
    unread = draw.weighted({0: 88, 1: 9, 3: 3})
    return {
        "bonus": figures.bonus,
        "upload": float(figures.upload),
        "download": float(figures.download),
        "ratio": round(figures.upload / figures.download, 3),
        "seeding": float(figures.seeding),
        "leeching": float(draw.weighted({0: 80, 1: 15, 2: 5})),
        "seeding_size": figures.seeding_size,
        "leeching_size": 0.0,
        "seeding_info": _seeding(draw, min(figures.seeding, 6)),
        "message_unread": unread,
        "message_unread_contents": _mails(draw, moment, unread),
        "err_msg": draw.pick(("", "", None)),
    }


def _seeding(draw: Draw, count: int) -> list[list[int]]:
    return [[draw.between(1, 90), draw.between(1, 40) * GIB + 7] for _ in range(count)]


def _mails(draw: Draw, moment: dt.datetime, count: int) -> list[list[str]]:
    mails = draw.some(MAILS, count, count)
    return [[title, stamp(moment), text] for title, text in mails]


def _failed(draw: Draw) -> Row:
    """A day on which the site did not answer."""
    names = ("bonus", "upload", "download", "ratio", "seeding", "leeching")
    row: dict[str, Any] = dict.fromkeys((*names, "seeding_size", "leeching_size"), 0.0)
    empty: Any = draw.pick((None, [], JSON_NULL))
    return row | {
        "seeding_info": empty,
        "message_unread": 0,
        "message_unread_contents": [],
        "err_msg": draw.pick(VISIT_ERRORS),
    }
