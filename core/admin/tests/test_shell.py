"""Home, navigation, theme, language, and the console's own accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import translation

from core.admin import navigation
from core.admin.tests import awkward
from core.models import Operator
from history.models import TransferHistory

if TYPE_CHECKING:
    from core.tests.support.libraries import Library


def test_home_shows_tables_failures_and_the_database(
    operator_client: Client, library: Library
) -> None:
    awkward.add(library, TransferHistory, "empty", status=False, date="2025-01-01")

    page = operator_client.get("/").content.decode()

    assert 'href="/history/transferhistory/?status=0"' in page
    assert ("SQLite" in page) == (library.vendor == "sqlite")
    assert str(library.database.get("PASSWORD") or "no password") not in page


def test_the_navigation_leads_to_every_table(
    operator_client: Client, operator: Operator, library: Library
) -> None:
    sections = navigation.sections(operator)
    links = [link for section in sections for link in section.links]

    tables = {link.table for link in links}
    assert {model._meta.label_lower for model in awkward.record_models()} <= tables
    for link in links:
        page = operator_client.get(link.url)
        assert page.status_code == 200
        assert f'href="{link.url}" aria-current="page"' in page.content.decode()


def test_the_navigation_speaks_the_language_of_the_page(operator: Operator) -> None:
    with translation.override("en"):
        english = navigation.sections(operator)[0].label
    with translation.override("zh-hans"):
        navigation.sections(operator)
    with translation.override("en"):
        assert navigation.sections(operator)[0].label == english


@pytest.mark.parametrize(
    ("theme", "kept"), [("dark", "dark"), ("auto", "auto"), ("neon", None)]
)
def test_the_theme_is_kept_in_the_browser(
    operator_client: Client, library: Library, theme: str, kept: str | None
) -> None:
    page = operator_client.post("/theme/", {"theme": theme, "next": "/core/user/"})

    cookie = operator_client.cookies.get("mpadmin_theme")
    assert page["Location"] == "/core/user/"
    assert (cookie.value if cookie else None) == kept
    dark = 'data-theme="dark"' in operator_client.get("/").content.decode()
    assert dark == (kept == "dark")


def test_nobody_is_sent_to_another_site(operator_client: Client) -> None:
    for address in ("/theme/", "/language/"):
        data = {"theme": "dark", "language": "en", "next": "https://example.org/"}
        page = operator_client.post(address, data)
        assert page["Location"] == "/"


def test_a_language_is_kept_for_the_operators_other_browsers(
    operator_client: Client, operator: Operator, library: Library
) -> None:
    operator_client.post("/language/", {"language": "zh-hans", "next": "/"})

    other = Client(headers={"accept-language": "en"})
    other.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    page = other.get("/").content.decode()

    operator.refresh_from_db()
    assert operator.language == "zh-hans"
    assert '<html lang="zh-hans"' in page


def test_the_browsers_language_is_taken_until_one_is_chosen(
    operator_client: Client, library: Library
) -> None:
    page = operator_client.get("/", headers={"accept-language": "zh-CN,zh;q=0.9"})

    assert '<html lang="zh-hans"' in page.content.decode()


def test_pages_of_djangos_admin_that_are_not_used_are_gone(
    operator_client: Client, library: Library
) -> None:
    for address in ("/jsi18n/", "/autocomplete/", "/core/", "/auth/group/"):
        assert operator_client.get(address).status_code == 404, address
