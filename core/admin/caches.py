"""The page of the cache: where it is, what is in it, and clearing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.cache import caches
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.cache import usage
from core.cache.regions import Region, RegionCache, decoded, encoded

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.core.cache.backends.base import BaseCache
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern


@dataclass(frozen=True)
class Row:
    """A region, as its row shows it."""

    region: Region
    label: str
    rate: int | None
    """Per cent of the look-ups that found something."""
    lookups: int
    clear_url: str

    @property
    def first_expiry(self) -> datetime | None:
        """When the first of its entries expires."""
        return _moment(self.region.first_expiry)

    @property
    def last_expiry(self) -> datetime | None:
        """When the last one does."""
        return _moment(self.region.last_expiry)


def urls(site: AdminSite) -> list[URLPattern]:
    """The page, and clearing."""

    @require_safe
    def page(request: HttpRequest) -> HttpResponse:
        return show(site, request)

    @require_http_methods(["GET", "HEAD", "POST"])
    def clearing(request: HttpRequest) -> HttpResponse:
        return clear(site, request)

    return [
        path("cache/", site.admin_view(page), name="cache"),
        path("cache/clear/", site.admin_view(clearing), name="cache_clear"),
    ]


def show(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """What the cache holds. Raises PermissionDenied."""
    _require(request)
    store = caches["default"]
    context = {**site.each_context(request), **facts(store), "rows": rows(store)}
    return TemplateResponse(request, "core/cache.html", context)


def clear(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Ask whether to clear a region, or everything; on POST do it."""
    _require(request)
    given = request.GET.get("region")
    region = None if given is None else decoded(given)
    store = caches["default"]
    if request.method == "POST":
        _clear(store, region)
        _say(request, store, region)
        return redirect("admin:cache")
    context = {
        **site.each_context(request),
        **facts(store),
        "region": None if region is None else _label(region),
        "is_everything": region is None,
    }
    return TemplateResponse(request, "core/cache_clear.html", context)


def _require(request: HttpRequest) -> None:
    if not request.user.has_perm("core.clear_caches"):
        raise PermissionDenied


def facts(store: BaseCache) -> dict[str, Any]:
    """Which cache it is, without what signs in to it."""
    if not isinstance(store, RegionCache):
        return {"kind": type(store).__name__, "is_listed": False}
    return {
        "kind": store.kind,
        "place": store.place,
        "problem": store.problem,
        "is_listed": True,
    }


def rows(store: BaseCache) -> list[Row]:
    """The regions with entries or look-ups; those in which the cache keeps its own
    books are left out.
    """
    if not isinstance(store, RegionCache):
        return []
    usage.flush()
    found = {name: Region(name, entries=0, size=0) for name in usage.regions()}
    found |= {each.name: each for each in store.regions()}
    names = sorted(name for name in found if not name.startswith("_"))
    used = usage.usage_of(names)
    return [_row(found[name], used[name]) for name in names]


def _row(region: Region, used: usage.Usage) -> Row:
    rate = None if used.rate is None else round(used.rate * 100)
    # Encoded for itself: a query can hold no lone surrogate.
    query = urlencode({"region": encoded(region.name)})
    url = f"{reverse('admin:cache_clear')}?{query}"
    return Row(region, _label(region.name), rate, used.lookups, url)


def _label(name: str) -> str:
    # A page can hold no lone surrogate.
    text = name.encode("utf-8", "backslashreplace").decode()
    return text or _("in no region")


def _clear(store: BaseCache, region: str | None) -> None:
    if region is None or not isinstance(store, RegionCache):
        usage.flush()  # or what was counted before would come back afterwards
        store.clear()
        return
    store.clear_region(region)
    usage.forget(region)


def _say(request: HttpRequest, store: BaseCache, region: str | None) -> None:
    if getattr(store, "problem", ""):
        messages.error(request, _("The cache cannot be used; nothing was cleared."))
    elif region is None:
        messages.success(request, _("Cleared the cache."))
    else:
        text = _("Cleared the region %(name)s.") % {"name": _label(region)}
        messages.success(request, text)


def _moment(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError):
        # Later than a calendar goes.
        return None
