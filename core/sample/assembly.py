"""All seventeen tables of the sample, in an order in which references come first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.sample import (
    accounts,
    configuration,
    downloads,
    library,
    messages,
    plugins,
    sites,
    subscriptions,
    transfers,
    workflows,
)
from core.sample.draw import Draw, Row
from core.sample.releases import Acquisition, Release, acquire
from core.sample.works import Work, catalogue

Table = tuple[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records of the tables that grow. Sites and accounts are always all."""

    subscriptions: int = 500
    finished: int = 400
    downloads: int = 8_000
    transfers: int = 20_000
    messages: int = 420
    days: int = 30

    @classmethod
    def scaled(cls, scale: float) -> Counts:
        full = cls()
        return cls(
            subscriptions=max(8, round(full.subscriptions * scale)),
            finished=max(4, round(full.finished * scale)),
            downloads=max(8, round(full.downloads * scale)),
            transfers=max(20, round(full.transfers * scale)),
            messages=max(10, round(full.messages * scale)),
            days=max(2, round(full.days * scale)),
        )


@dataclass(frozen=True, slots=True)
class _World:
    """What the tables share."""

    draw: Draw
    counts: Counts
    known: list[sites.Tracker]
    works: Iterator[Work]
    acquisitions: list[Acquisition]
    releases: list[Release]

    @classmethod
    def imagine(cls, draw: Draw, counts: Counts) -> _World:
        known = sites.trackers()
        works = catalogue(draw.topic("works"))
        names = [tracker.name for tracker in known]
        taken = acquire(draw.topic("releases"), works, names, counts.downloads)
        acquisitions = list(taken)
        releases = [release for each in acquisitions for release in each.releases]
        releases.sort(key=lambda release: release.date)
        return cls(draw, counts, known, works, acquisitions, releases)


def assemble(draw: Draw, counts: Counts) -> Iterator[Table]:
    world = _World.imagine(draw, counts)
    yield from _accounts(world)
    yield from _sites(world)
    yield from _subscriptions(world)
    yield from _history(world)
    yield from _plugins(world)


def _accounts(world: _World) -> Iterator[Table]:
    users = accounts.users(world.draw.topic("users"))
    yield "core.User", users
    yield "core.PassKey", accounts.passkeys(world.draw.topic("passkeys"), users)
    yield "core.UserConfig", accounts.user_configs(world.draw.topic("userconfig"))


def _sites(world: _World) -> Iterator[Table]:
    draw, known = world.draw.topic("sites"), world.known
    yield "sites.Site", sites.sites(draw, known)
    yield "sites.SiteIcon", sites.icons(draw, known)
    yield "sites.SiteStatistic", sites.statistics(draw, known)
    yield "sites.SiteUserData", sites.user_data(draw, known, world.counts.days)
    settings = configuration.settings(world.draw.topic("systemconfig"), known)
    yield "core.SystemConfig", settings


def _subscriptions(world: _World) -> Iterator[Table]:
    draw, counts = world.draw.topic("subscriptions"), world.counts
    yield (
        "core.Subscribe",
        subscriptions.subscriptions(
            draw, world.acquisitions, world.works, world.known, counts.subscriptions
        ),
    )
    yield (
        "history.SubscribeHistory",
        subscriptions.finished(draw, world.acquisitions, world.known, counts.finished),
    )


def _history(world: _World) -> Iterator[Table]:
    draw, counts, releases = world.draw.topic("history"), world.counts, world.releases
    yield "history.DownloadHistory", downloads.downloads(draw, releases)
    yield "history.DownloadFiles", downloads.files(draw, releases)
    moved = transfers.transfers(draw.topic("transfers"), releases, counts.transfers)
    yield "history.TransferHistory", transfers.rows(draw.topic("rows"), moved)
    yield "core.MediaServerItem", library.items(draw.topic("library"), moved)
    talk = draw.topic("messages")
    latest = messages.messages(talk, releases, moved, world.known, counts.messages)
    yield "core.Message", latest


def _plugins(world: _World) -> Iterator[Table]:
    draw, known, releases = world.draw.topic("plugins"), world.known, world.releases
    data = plugins.plugin_data(draw, known, releases, world.counts.days)
    yield "core.PluginData", data
    yield "core.Workflow", workflows.workflows(world.draw.topic("workflows"))
