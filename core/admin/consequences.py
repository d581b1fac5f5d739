"""What a change carries with it, in words; and what is offered to go along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.changes import Kind
from core.changes.consequences import What, offer_counts, offered
from core.permissions import may
from core.systemconfig.keys import SystemConfigKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.contrib.admin import AdminSite
    from django.http import HttpRequest

    from core.admin.base import RecordAdmin
    from core.changes import Plan, Preview
    from core.models.base import Offered, Record
    from core.permissions import Person

MOST_NAMES = 5


@dataclass(frozen=True)
class Line:
    """One thing that happens to other records."""

    text: str
    note: str
    samples: list[tuple[str, str]]
    """(label, address) of a few of them."""
    more: int
    """How many there are beside the samples."""


@dataclass(frozen=True)
class Offer:
    """Records that may go along."""

    name: str
    label: str
    count: int
    is_chosen: bool


def of_plan(site: AdminSite, request: HttpRequest, made: Plan) -> dict[str, Any]:
    """What the page of a plan says of its consequences."""
    chosen = made.operations.get("along", ()) if made.kind == Kind.DELETE else ()
    is_open = made.kind == Kind.DELETE and made.change_set_id is None
    return {
        "consequences": lines(site, request.user, made.preview),
        "offers": offers(request, made.model, made.record_ids(), chosen)
        if is_open
        else [],
    }


def posted(request: HttpRequest, model: type[Record]) -> list[str]:
    """Which of what is offered was ticked. Raises PermissionDenied."""
    ticked = {*request.POST.getlist("along")}
    found = [offer for offer in offered(model) if offer.name in ticked]
    if not all(_may_go(request, offer) for offer in found):
        raise PermissionDenied
    return [offer.name for offer in found]


def offers(
    request: HttpRequest,
    model: type[Record],
    ids: Sequence[int],
    chosen: Sequence[str] = (),
) -> list[Offer]:
    """What this operator may let go along with these records, where there is any."""
    return [
        Offer(offer.name, _table(offer.table), count, offer.name in chosen)
        for offer, count in offer_counts(model, ids)
        if count and _may_go(request, offer)
    ]


def _may_go(request: HttpRequest, offer: Offered) -> bool:
    return may(request.user, "delete", offer.table)


def _table(table: str) -> str:
    return capfirst(str(apps.get_model(table)._meta.verbose_name_plural))


def lines(site: AdminSite, person: Person, preview: Preview) -> list[Line]:
    """The consequences in words; records of tables that are hidden from the operator
    are counted only.
    """
    return [_line(site, person, each) for each in preview.consequences]


def _line(site: AdminSite, person: Person, each: Mapping[str, Any]) -> Line:
    model: type[Record] = apps.get_model(each["table"])
    is_hidden = not may(person, "view", model)
    model_admin: RecordAdmin = site.get_model_admin(model)  # type: ignore[assignment]
    goes = each["what"] == What.GOES
    samples = [
        # Of what goes nothing is left to look at afterwards; before, there is.
        (label or str(pk), model_admin.record_url(pk))
        for pk, label in each["samples"]
    ]
    more = each["count"] - len(samples)
    # A setting is named in the text already.
    is_named = bool(each["key"]) and not goes
    if is_named or is_hidden:
        return Line(_text(model, each), _note(each), [], 0 if is_hidden else more)
    return Line(_text(model, each), _note(each), samples, more)


def _text(model: type[Record], each: Mapping[str, Any]) -> str:
    count = each["count"]
    name = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
    values = {
        "count": f"{count:,}",
        "records": str(name),
        "names": _names(each),
        "setting": _setting(each["key"]),
    }
    return _sentence(each) % values


def _sentence(each: Mapping[str, Any]) -> str:
    """The sentence to fill in."""
    what, count = each["what"], each["count"]
    if what == What.GOES:
        return ngettext(
            "%(count)s %(records)s is deleted with it",
            "%(count)s %(records)s are deleted with them",
            count,
        )
    if what == What.FOLLOWS:
        return ngettext(
            "%(count)s %(records)s takes on the new name: %(names)s",
            "%(count)s %(records)s take on the new name: %(names)s",
            count,
        )
    if what == What.RENAMES:
        return _renames(each)
    return _loses(each)


def _renames(each: Mapping[str, Any]) -> str:
    if each["key"]:
        return _("The setting “%(setting)s” takes on the new name: %(names)s")
    return ngettext(
        "%(count)s %(records)s takes on the new name: %(names)s",
        "%(count)s %(records)s take on the new name: %(names)s",
        each["count"],
    )


def _loses(each: Mapping[str, Any]) -> str:
    if each["key"]:
        return _("The setting “%(setting)s” loses %(names)s")
    return ngettext(
        "%(count)s %(records)s loses %(names)s",
        "%(count)s %(records)s lose %(names)s",
        each["count"],
    )


def _names(each: Mapping[str, Any]) -> str:
    """What is lost or renamed; a site by what it is, its number says nothing."""
    if each["what"] == What.LOSES and _are_sites(each):
        return ngettext("this site", "these sites", each["names_count"])
    shown = [_moved(old, new) for old, new in each["names"][:MOST_NAMES]]
    rest = each["names_count"] - len(shown)
    text = _(", ").join(shown)
    return f"{text} …" if rest else text


def _moved(old: str, new: str | None) -> str:
    return f"“{old}”" if new is None else f"“{old}” → “{new}”"


def _are_sites(each: Mapping[str, Any]) -> bool:
    keys = (SystemConfigKey.IndexerSites, SystemConfigKey.RssSites)
    return "sites" in (each["column"], each["property"]) or each["key"] in keys


def _setting(key: str) -> str:
    """A setting's name for people."""
    return str(SystemConfigKey(key).label) if key in SystemConfigKey.values else key


def _note(each: Mapping[str, Any]) -> str:
    """What it means for those that are left without any."""
    count = each["emptied"]
    if not count or each["what"] == What.RENAMES:
        return ""
    if each["key"]:
        return _("It names none then, so MoviePilot goes by its usual choice.")
    if count == each["count"]:
        return ngettext(
            "It names no other, so MoviePilot goes by its usual choice.",
            "They name no other, so MoviePilot goes by its usual choice.",
            count,
        )
    return ngettext(
        "%(count)s of them names no other, so MoviePilot goes by its usual choice.",
        "%(count)s of them name no other, so MoviePilot goes by its usual choice.",
        count,
    ) % {"count": f"{count:,}"}
