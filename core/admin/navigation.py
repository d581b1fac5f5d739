"""The console's tables by domain, for the side navigation and the home page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.changes.remap import PLACES
from core.permissions import may

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

    from core.permissions import Person

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


class Page(NamedTuple):
    """A page that is no list."""

    name: str
    """Of its address."""
    label: StrOrPromise
    icon: str
    may_open: Callable[[Person], bool]


def may_remap(person: Person) -> bool:
    """Whether there is any place whose paths the operator may change."""
    return any(may(person, "change", place.table) for place in PLACES)


def holds(permission: str) -> Callable[[Person], bool]:
    """Asks for one permission, `app.codename`."""
    return lambda person: bool(person.has_perm(permission))


PAGES = [
    Page("admin:remap", _("Path remap"), "folder", may_remap),
    Page("admin:cache", _("Cache"), "clock", holds("core.clear_caches")),
    Page("admin:signins", _("Sign-in log"), "key", holds("core.view_signin")),
    Page("admin:audit", _("Audit log"), "eye", holds("core.view_auditevent")),
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


def sections(person: Person) -> list[Section]:
    """Every section with the lists this operator may open."""
    open_tables = frozenset(_open_tables(person))
    return _among(_sections(get_language() or ""), open_tables)


def _open_tables(person: Person) -> list[str]:
    tables = (table for _label, _icon, tables in SECTIONS for table in tables)
    return [table for table in tables if may(person, "view", table)]


def _among(known: list[Section], tables: frozenset[str]) -> list[Section]:
    found = [
        replace(each, links=tuple(link for link in each.links if link.table in tables))
        for each in known
    ]
    return [each for each in found if each.links]


def side(person: Person, path: str) -> SafeString:
    """The side navigation of the page at `path`, as HTML.

    It is the same on every page of a list and a tenth of the page's time, so it is
    rendered once for each, and for each set of what operators may open.
    """
    language = get_language() or ""
    lists = {link.url for each in _sections(language) for link in each.links}
    found = [*lists, *(reverse(page.name) for page in PAGES)]
    current = next((url for url in found if path.startswith(url)), "")
    if not current and path == reverse("admin:index"):
        current = "/"
    open_pages = [page.name for page in PAGES if page.may_open(person)]
    allowed = frozenset([*_open_tables(person), *open_pages])
    return _side(language, current, allowed)


@lru_cache(maxsize=2048)
def _side(language: str, current: str, allowed: frozenset[str]) -> SafeString:
    shown = _among(_sections(language), allowed)
    links = [
        Link(str(page.label), reverse(page.name), page.icon, "")
        for page in PAGES
        if page.name in allowed
    ]
    context = {
        "navigation": [
            replace(each, links=tuple(_marked(link, current) for link in each.links))
            for each in shown
        ],
        "pages": [_marked(link, current) for link in links],
        "is_home": current == "/",
    }
    return render_to_string("includes/sidenav.html", context)


def link_to(table: str) -> Link:
    """The list of one table, `app.model`."""
    known = _sections(get_language() or "")
    return next(link for each in known for link in each.links if link.table == table)


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
