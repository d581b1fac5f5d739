"""What tests of the bulk pages type and read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from core.changes import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse
    from django.test import Client

    from core.admin.bulk.form import BulkForm
    from core.models.base import Record
    from core.tests.support.libraries import Library


def add_site(library: Library) -> int:
    """A site with something to work on in columns of every kind."""
    return library.insert(
        "site",
        name="Alpha",
        url="https://alpha.example/",
        domain="alpha.example",
        ua=" Mozilla/5.0 mpadmin ",
        downloader="qb",
        pri=3,
        timeout=15,
        proxy=0,
        lst_mod_date="2025-03-04 05:06:07",
        note='{"a": {"b": [1, 2]}}',
    )


def url(page: str, model: type[Record], *args: object) -> str:
    """The address of one of a table's pages."""
    options = model._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_{page}", args=args)


def start(
    client: Client,
    model: type[Record],
    *,
    ids: Iterable[object] = (),
    do: str = "edit",
    query: str = "",
    **data: str,
) -> HttpResponse:
    """What the list posts."""
    sent = {"selected": [*ids], "do": do, **data}
    return client.post(url("bulk", model) + query, sent)


def fields(**operations: Any) -> dict[str, str]:
    """What the form posts: a value sets a field, None sets it to NULL, "" empty; a pair
    is an operation's name and what is typed for it.
    """
    data: dict[str, str] = {}
    for name, value in operations.items():
        if value is None or value == "":
            data[f"{name}-mode"] = "empty" if value == "" else "null"
        elif isinstance(value, str):
            data |= {f"{name}-mode": "set", f"{name}-value": value}
        else:
            doing, typed = value
            data[f"{name}-mode"] = doing
            data |= {f"{name}-{doing}-{key}": text for key, text in typed.items()}
    return data


def previewed(
    client: Client,
    model: type[Record],
    *,
    ids: Iterable[object] = (),
    query: str = "",
    all_matching: bool = False,
    **operations: Any,
) -> tuple[Plan, str]:
    """Go from the list to the preview; the plan, and its page's address."""
    extra = {"all": "1"} if all_matching else {}
    address = start(client, model, ids=ids, query=query, **extra)["Location"]
    response = client.post(address, fields(**operations))
    assert response.status_code == 302, wrong(response.context["form"])
    address = response["Location"]
    return plan_at(address), address


def plan_at(address: str) -> Plan:
    """The plan whose preview stands at this address."""
    return Plan.objects.get(token=address.split("/plan/")[1].split("/")[0])


def wrong(form: BulkForm) -> dict[str, list[str]]:
    """Field → what a form says against it; under "" what is against the whole."""
    found = {row.name: [*map(str, row.errors)] for row in form.wrong}
    return found | ({"": form.errors} if form.errors else {})


def chosen(form: BulkForm) -> dict[str, tuple[str, ...]]:
    """What a form shows: field → what is to be done, and what is typed for it."""
    return {
        row.name: (row.mode, *(each.text for each in row.doings[row.mode].inputs))
        for row in form.fields
        if not row.is_left
    }


def text(response: HttpResponse) -> str:
    """The page's words, without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())
