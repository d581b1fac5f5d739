"""Revealing a secret: who may, that it is kept, and that it is in that answer only."""

from __future__ import annotations

import html
import json

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import expect

from core.admin import secret_values
from core.changes.tests.support import add_sites
from core.models import (
    AuditEvent,
    Message,
    PassKey,
    PluginData,
    SystemConfig,
    User,
    Workflow,
)
from core.roles import Role
from core.tests.support import leaks
from core.tests.support.leak_walk import pages_of
from core.tests.support.live import PASSWORD
from sites.models import Site

SECRET = "synthetic-cookie-1"
ODD = "a<b>&\u202ecod\u200b\r\nx"
PART = {"headers": {"HX-Request": "true"}}


def address(model, pk, page="reveal"):
    return pages_of(model).url(page, pk)


def ask(client, model, pk, field, **more):
    return client.post(address(model, pk), {"field": field}, **more)


def text(response):
    return html.unescape(response.content.decode())


@pytest.fixture
def site(library) -> int:
    return add_sites(library, 1, cookie=SECRET, token="")[0]


# --- What is shown


def test_a_secret_is_shown_on_a_page_of_its_own(site, operator_client):
    page = ask(operator_client, Site, site, "cookie")

    assert page.status_code == 200
    assert SECRET in text(page)
    assert "no-store" in page["Cache-Control"]
    assert address(Site, site, "change") in text(page)
    assert SECRET not in str([*operator_client.session.items()])


def test_that_it_is_shown_is_kept_without_the_secret(site, operator_client, operator):
    for _time in range(2):
        ask(operator_client, Site, site, "cookie")

    events = AuditEvent.objects.all()
    assert [(each.kind, each.subject) for each in events] == [
        ("reveal", f"site.cookie {site}")
    ] * 2
    assert events[0].operator == operator
    assert events[0].detail == {"record": "s0"}


def test_nothing_is_shown_that_cannot_be_kept(site, operator_client):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER no BEFORE INSERT ON core_auditevent"
            " BEGIN SELECT RAISE(ABORT, 'not today'); END"
        )

    page = ask(operator_client, Site, site, "cookie")

    assert page.status_code == 503
    assert SECRET not in text(page)


def test_with_htmx_it_comes_in_place_of_its_mask_and_goes_again(site, operator_client):
    shown = ask(operator_client, Site, site, "cookie", **PART)
    hidden = operator_client.get(f"{address(Site, site)}?field=cookie", **PART)

    assert SECRET in text(shown)
    assert 'id="secret-cookie"' in text(shown)
    assert "<html" not in text(shown)
    assert SECRET not in text(hidden)
    assert 'id="secret-cookie"' in text(hidden)
    assert f'hx-post="{address(Site, site)}"' in text(hidden)
    assert AuditEvent.objects.count() == 1


def test_json_is_shown_as_a_whole(library, operator_client):
    value = [{"name": "电影", "config": {"password": SECRET, "n": 1.5}}]
    pk = library.insert("systemconfig", key="Downloaders", value=json.dumps(value))
    note = library.insert("message", action=0, note=json.dumps({"token": SECRET}))
    kept = library.insert(
        "plugindata", plugin_id="P", key="k", value=json.dumps([SECRET])
    )

    page = ask(operator_client, SystemConfig, pk, "value")

    shown = json.dumps(value, ensure_ascii=False, indent=2)
    assert shown in text(page)
    assert SECRET in text(ask(operator_client, Message, note, "note"))
    assert SECRET in text(ask(operator_client, PluginData, kept, "value"))


def test_what_nobody_would_see_is_pointed_out_and_the_text_stays_the_same():
    shown = secret_values.as_html(ODD)

    assert "<b>" not in shown
    for code in ("U+202E", "U+200B", "U+000D"):
        assert f'data-code="{code}"' in shown


def test_the_way_to_it_stands_beside_what_is_masked_and_nowhere_else(
    library, operator_client
):
    pk = library.insert("systemconfig", key="Downloaders", value='[{"name": "qb"}]')
    site, bare = add_sites(library, 2, cookie="c", token="")
    library.update("site", bare, cookie=None)

    pages = [
        text(operator_client.get(address(model, record, "change")))
        for model, record in ((Site, site), (Site, bare), (SystemConfig, pk))
    ]

    assert 'id="reveal-cookie"' in pages[0]
    assert 'id="reveal-token"' not in pages[0]
    assert not any('id="reveal-' in page for page in pages[1:])


# --- What is not


NEVER = [
    (User, "hashed_password"),
    (User, "otp_secret"),
    (PassKey, "credential_id"),
    (PassKey, "public_key"),
    (Workflow, "context"),
]


@pytest.mark.parametrize("which", range(len(NEVER)))
def test_what_is_of_no_use_to_people_is_never_shown(library, operator_client, which):
    model, field = NEVER[which]
    pk = leaks.fill(library, leaks.Secrets())[model]

    page = ask(operator_client, model, pk, field)

    assert page.status_code == 403
    assert not AuditEvent.objects.exists()
    record = text(operator_client.get(address(model, pk, "change")))
    assert f'id="reveal-{field}"' not in record


def test_every_secret_column_is_either_shown_when_asked_or_never():
    for model in (User, PassKey, Workflow):
        assert model.never_revealed == model.secret_fields
    for model in (Site, SystemConfig, PluginData):
        assert not model.never_revealed
        for name in model.secret_fields:
            assert secret_values.can_be_revealed(model, name)


@pytest.mark.parametrize("field", ["", "name", "no_such", "__class__", "cookie\x00"])
def test_other_columns_are_not_shown_here(site, operator_client, field):
    assert ask(operator_client, Site, site, field).status_code == 404
    assert not AuditEvent.objects.exists()


def test_a_record_that_is_gone_is_said_to_be(site, operator_client):
    for pk in (site + 1, 2**63):
        page = ask(operator_client, Site, pk, "cookie")
        assert page.url == pages_of(Site).list_url()
    part = ask(operator_client, Site, site + 1, "cookie", **PART)

    assert part["HX-Redirect"] == pages_of(Site).list_url()
    assert not AuditEvent.objects.exists()


def test_a_secret_that_is_gone_is_said_to_be(site, operator_client):
    for more in ({}, PART):
        page = ask(operator_client, Site, site, "token", **more)

        assert "Nothing is stored here any more." in text(page)


def test_an_address_typed_by_hand_leads_to_the_record(site, operator_client):
    page = operator_client.get(f"{address(Site, site)}?list=q%3Da")

    assert page.url == f"{address(Site, site, 'change')}?list=q%3Da"
    assert not AuditEvent.objects.exists()


# --- Who may


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_who_may_not_is_neither_offered_nor_given_it(site, client_as, role):
    client = client_as(role)

    page = client.get(address(Site, site, "change"))
    answers = [ask(client, Site, site, "cookie", **more) for more in ({}, PART)]

    assert page.status_code == 200
    assert "reveal" not in text(page)
    assert [each.status_code for each in answers] == [403, 403]
    assert not any(SECRET in text(each) for each in [page, *answers])
    assert not AuditEvent.objects.exists()


def test_a_site_keeper_is_given_those_of_sites_only(library, site, client_as):
    client = client_as(Role.SITE_KEEPER)
    pk = library.insert("systemconfig", key="plugin.P", value=f'["{SECRET}"]')

    assert SECRET in text(ask(client, Site, site, "cookie"))
    assert ask(client, SystemConfig, pk, "value").status_code == 403
    assert AuditEvent.objects.count() == 1


def test_a_forged_request_is_refused(site, operator):
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator, "django.contrib.auth.backends.ModelBackend")

    assert ask(client, Site, site, "cookie").status_code == 403
    assert not AuditEvent.objects.exists()


def test_who_is_signed_out_meanwhile_is_led_to_sign_in(site, client):
    page = ask(client, Site, site, "cookie", **PART)

    assert page["HX-Redirect"].startswith("/login/")
    assert SECRET not in text(page)


# --- Nowhere else


def test_a_secret_that_is_revealed_is_in_that_answer_only(
    library, operator_client, caplog
):
    secrets = leaks.Secrets()
    pk = leaks.fill(library, secrets)[Site]
    snoop = leaks.Snoop(operator_client, secrets)
    forms = snoop.get(address(Site, pk, "change")).forms
    form = next(each for each in forms if each.action.endswith("/reveal/"))

    for name in sorted(Site.secret_fields):
        form.send(field=name)
    for page in ("change", "history"):
        snoop.get(address(Site, pk, page))
    snoop.get("/")

    places = [each.partition(": ") for each in snoop.told]
    assert len(places) == len(Site.secret_fields)
    assert {where for where, _sep, _what in places} == {
        f"POST {address(Site, pk)} (200)"
    }
    kept = [[each.subject, each.detail] for each in AuditEvent.objects.all()]
    assert not secrets.told_by(json.dumps(kept))
    assert not secrets.told_by(caplog.text)
    assert not secrets.told_by(str([*operator_client.session.items()]))


# --- In a browser


def test_in_a_browser_it_is_shown_in_place_and_copied_as_it_is(
    sqlite_library, operator, live_console, browser_page
):
    pk = add_sites(sqlite_library, 1, cookie=ODD)[0]
    page = browser_page
    page.goto(f"{live_console.url}{address(Site, pk, 'change')}")
    page.get_by_label("Name", exact=True).fill("olivia")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#field-name, [name=field-name]").fill("typed meanwhile")

    page.get_by_role("button", name="Show Cookie").click()
    expect(page.locator("#secret-cookie .revealed")).to_be_visible()

    assert page.locator("#secret-cookie .revealed").evaluate("e => e.textContent") == (
        ODD
    )
    expect(page.locator("[name=field-name]")).to_have_value("typed meanwhile")
    expect(page.locator("#reveal-cookie")).to_be_focused()
    page.get_by_role("button", name="Hide Cookie").click()
    expect(page.locator("#secret-cookie .revealed")).to_have_count(0)
    expect(page.get_by_role("button", name="Show Cookie")).to_be_focused()
    assert AuditEvent.objects.count() == 1
