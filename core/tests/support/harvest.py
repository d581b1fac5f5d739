"""The forms of all pages, to be sent with odd values in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from django.urls import reverse

from core.admin.tests import awkward
from core.tests.support.acceptance import Page
from core.tests.support.fuzzing import Seed, routes

if TYPE_CHECKING:
    from django.test import Client

    from core.tests.support.libraries import Library

KINDS = ["nulls", "script", "turning", "number", "broken"]


def fill(library: Library) -> None:
    """A few odd records in every table."""
    models = awkward.record_models()
    models.sort(key=lambda model: model._meta.db_table == "passkey")
    for model in models:
        for kind in KINDS:
            if kind != "broken" or library.vendor == "sqlite":
                awkward.add(library, model, kind)


def forms(client: Client) -> list[Seed]:
    """The forms of every page that a signed-in operator reaches, and its addresses."""
    seeds: dict[str, Seed] = {}
    for route in routes():
        if "logout" in route.name:
            continue
        url = route.path("2")
        answer = client.get(url)
        while answer.status_code in (301, 302):
            url = urljoin(url, answer["Location"])
            answer = client.get(url)
        take(seeds, url, answer)
        if route.name.endswith("_changelist"):
            start(seeds, client, url)
    return [*seeds.values()]


def start(seeds: dict[str, Seed], client: Client, url: str) -> None:
    """What a list's buttons lead to."""
    for do in ("edit", "delete", "export"):
        follow(seeds, client, f"{url}bulk/", {"do": do, "all": "1"})
    text = '[{"id": 2, "name": "a", "title": "b"}, {"id": "x"}]'
    mapped = follow(seeds, client, f"{url}import/", {"text": text})
    if mapped is not None:
        for form in mapped.forms:
            if form.is_post:
                pairs = dict(pairs_of(form))
                follow(seeds, client, urljoin(mapped.url, form.action), pairs)


def follow(
    seeds: dict[str, Seed], client: Client, url: str, data: dict[str, str]
) -> Page | None:
    """Send a form in good order, and take what comes of it."""
    answer = client.post(url, data, follow=True)
    if answer.redirect_chain:
        url = urljoin(url, answer.redirect_chain[-1][0])
    return take(seeds, url, answer)


def take(seeds: dict[str, Seed], url: str, answer: Any) -> Page | None:
    """Keep the forms of a page."""
    if answer.streaming or "html" not in answer.get("Content-Type", ""):
        return None
    page = Page(None, url, answer.status_code, answer.content.decode())  # type: ignore[arg-type]
    seeds.setdefault(f"GET {re.sub('[?].*', '', url)}", Seed("GET", url))
    for seed in seeds_of(page):
        fields = sorted({name for name, _ in seed.pairs})
        place = f"{seed.method} {urlsplit(seed.url).path} {fields}"
        seeds.setdefault(place, seed)
    return page


def seeds_of(page: Page) -> list[Seed]:
    """Each form of a page with each of its buttons."""
    found = []
    for form in page.forms:
        buttons = [each for each in form.controls if each.kind == "submit"]
        for button in buttons or [None]:
            pairs = pairs_of(form)
            if button is not None and button.name:
                pairs.append((button.name, button.value))
            method = "POST" if form.is_post else "GET"
            found.append(Seed(method, urljoin(page.url, form.action), pairs))
    return found


def pairs_of(form: Any) -> list[tuple[str, str]]:
    """What a browser would send of a form."""
    return [
        (each.name, each.value)
        for each in form.controls
        if each.is_on and each.name and each.kind != "submit"
    ]


def preferences() -> list[Seed]:
    """The small forms of every page's head."""
    return [
        Seed("POST", reverse("theme"), [("theme", "dark"), ("next", "/")]),
        Seed("POST", reverse("set_language"), [("language", "en"), ("next", "/")]),
        Seed("POST", reverse("admin:logout"), [("next", "/")]),
        Seed(
            "POST",
            reverse("admin:login"),
            [("username", "a"), ("password", "b"), ("next", "/")],
        ),
    ]


def tokens(seeds: list[Seed]) -> list[str]:
    """What was kept on the way, as it stands in addresses."""
    found = re.findall(r"/([\w-]{20,})/", " ".join(seed.url for seed in seeds))
    return [*dict.fromkeys(found)]
