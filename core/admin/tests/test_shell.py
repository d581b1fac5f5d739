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
    operator_client: Client, library: Library
) -> None:
    links = [link for section in navigation.sections() for link in section.links]

    tables = {link.table for link in links}
    assert {model._meta.label_lower for model in awkward.record_models()} <= tables
    for link in links:
        page = operator_client.get(link.url)
        assert page.status_code == 200
        assert f'href="{link.url}" aria-current="page"' in page.content.decode()


def test_the_navigation_speaks_the_language_of_the_page() -> None:
    with translation.override("en"):
        english = navigation.sections()[0].label
    with translation.override("zh-hans"):
        navigation.sections()
    with translation.override("en"):
        assert navigation.sections()[0].label == english


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


def test_a_local_operator_is_added_and_gets_another_password(
    operator_client: Client, library: Library
) -> None:
    password = "synthetic-Pass-1"
    data = {
        "username": "peter",
        "email": "",
        "password1": password,
        "password2": password,
    }
    operator_client.post("/core/operator/add/", data)
    added = Operator.objects.get(username="peter")
    other = {"password1": "synthetic-Pass-2", "password2": "synthetic-Pass-2"}
    operator_client.post(f"/core/operator/{added.pk}/password/", other)

    added.refresh_from_db()
    assert added.is_staff
    assert added.is_superuser
    assert added.check_password("synthetic-Pass-2")


def test_an_operator_is_disabled_but_not_by_itself(
    operator_client: Client, operator: Operator, library: Library
) -> None:
    other = Operator.objects.create_superuser("petra", password="synthetic-Pass-1")

    for each in (operator, other):
        data = {"username": each.username, "email": ""}
        operator_client.post(f"/core/operator/{each.pk}/change/", data)

    operator.refresh_from_db()
    other.refresh_from_db()
    assert operator.is_active
    assert not other.is_active


def test_a_linked_operator_has_no_password_here(
    operator_client: Client, library: Library
) -> None:
    linked = Operator.objects.create_superuser("petra", password="synthetic-Pass-1")
    Operator.objects.filter(pk=linked.pk).update(moviepilot_id=3, moviepilot_name="p")

    assert (
        operator_client.get(f"/core/operator/{linked.pk}/password/").status_code == 404
    )
    for page in ("", "add/", f"{linked.pk}/change/"):
        assert operator_client.get(f"/core/operator/{page}").status_code == 200


def test_pages_of_djangos_admin_that_are_not_used_are_gone(
    operator_client: Client, library: Library
) -> None:
    for address in ("/jsi18n/", "/autocomplete/", "/core/", "/auth/group/"):
        assert operator_client.get(address).status_code == 404, address
