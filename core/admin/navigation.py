"""The console's tables by domain, for the side navigation and the home page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from django.apps import apps
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# Section: label, picture, and its tables with theirs.
SECTIONS = [
    (
        _("Subscriptions"),
        "subscriptions",
        {"core.subscribe": "subscriptions", "history.subscribehistory": "check"},
    ),
    (_("Library"), "library", {"core.mediaserveritem": "library"}),
    (
        _("History"),
        "history",
        {
            "history.transferhistory": "history",
            "history.downloadhistory": "download",
            "history.downloadfiles": "file",
        },
    ),
    (
        _("Sites"),
        "sites",
        {
            "sites.site": "sites",
            "sites.siteuserdata": "database",
            "sites.sitestatistic": "list",
            "sites.siteicon": "globe",
        },
    ),
    (
        _("Accounts"),
        "accounts",
        {
            "core.user": "accounts",
            "core.userconfig": "configuration",
            "core.passkey": "key",
            "core.operator": "user",
        },
    ),
    (_("Configuration"), "configuration", {"core.systemconfig": "configuration"}),
    (_("Plugins"), "plugins", {"core.plugindata": "plugins"}),
    (_("Workflows"), "workflows", {"core.workflow": "workflows"}),
    (_("Messages"), "messages", {"core.message": "messages"}),
    (_("Changes"), "changes", {"core.changeset": "changes"}),
]

# Pages that are no lists: address, label, picture.
PAGES = [
    ("admin:remap", _("Path remap"), "folder"),
    ("admin:cache", _("Cache"), "clock"),
]


@dataclass(frozen=True)
class Link:
    """One list, or another page, which has no table."""

    label: str
    url: str
    icon: str
    table: str
    current: bool = False


@dataclass(frozen=True)
class Section:
    """Lists of one domain."""

    label: str
    icon: str
    links: tuple[Link, ...]


def sections(path: str = "") -> list[Section]:
    """Every section; the list that the page at `path` belongs to is marked."""
    return [
        Section(
            each.label, each.icon, tuple(_marked(link, path) for link in each.links)
        )
        for each in _sections(get_language() or "")
    ]


def pages(path: str = "") -> list[Link]:
    """The pages that are no lists; the one that `path` belongs to is marked."""
    links = (Link(str(text), reverse(name), icon, "") for name, text, icon in PAGES)
    return [_marked(link, path) for link in links]


def side(path: str) -> SafeString:
    """The side navigation of the page at `path`, as HTML.

    It is the same on every page of a list and a tenth of the page's time, so it is
    rendered once for each.
    """
    language = get_language() or ""
    lists = [link for each in _sections(language) for link in each.links]
    found = (link.url for link in [*lists, *pages()])
    current = next((url for url in found if path.startswith(url)), "")
    return _side(language, current or ("/" if path == reverse("admin:index") else ""))


@cache
def _side(_language: str, current: str) -> SafeString:
    context = {
        "navigation": sections(current),
        "pages": pages(current),
        "is_home": current == "/",
    }
    return render_to_string("includes/sidenav.html", context)


def link_to(table: str) -> Link:
    """The list of one table, `app.model`."""
    return next(
        link for each in sections() for link in each.links if link.table == table
    )


def _marked(link: Link, path: str) -> Link:
    return replace(link, current=True) if path.startswith(link.url) else link


@cache
def _sections(_language: str) -> list[Section]:
    return [
        Section(str(label), icon, tuple(_link(*table) for table in tables.items()))
        for label, icon, tables in SECTIONS
    ]


def _link(table: str, icon: str) -> Link:
    options = apps.get_model(table)._meta
    url = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    return Link(capfirst(str(options.verbose_name_plural)), url, icon, table)
