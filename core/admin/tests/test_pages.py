"""Every page of every table, on awkward data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.contrib import admin

from core.admin.tests import awkward
from core.changes import save_record
from core.secrets import MASK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from core.admin.base import RecordAdmin
    from core.models.base import Record
    from core.tests.support.libraries import Library


@pytest.fixture
def ids(library: Library) -> dict[type[Record], list[int]]:
    return awkward.fill(library)


def admin_of(model: type[Record]) -> RecordAdmin:
    return admin.site.get_model_admin(model)  # type: ignore[return-value]


def addresses(model: type[Record], pks: list[int]) -> Iterator[str]:
    model_admin = admin_of(model)
    yield model_admin.list_url()
    yield f"{model_admin.list_url()}?last=1&size=200&all=1"
    yield f"{model_admin.list_url()}?q=script"
    yield model_admin.url("count")
    if model_admin.can_add:
        yield model_admin.url("add")
    for pk in pks:
        yield model_admin.record_url(pk)
    for pk in pks[2:4]:
        yield model_admin.url("delete", pk)
        yield model_admin.url("history", pk)


def test_every_page_opens_escaped_and_without_secrets(
    operator_client: Client, ids: dict[type[Record], list[int]]
) -> None:
    assert len(ids) == 17

    for model, pks in ids.items():
        for address in addresses(model, pks):
            page = operator_client.get(address)
            html = page.content.decode()
            assert page.status_code == 200, (address, html[:2000])
            assert "<script>alert" not in html, address
            assert "alert(1)</script>" not in html, address
            assert awkward.SECRET not in html, address
            assert "no-store" in page["Cache-Control"], address


def test_the_context_of_a_workflow_is_not_shown(
    operator_client: Client, library: Library
) -> None:
    from core.models import Workflow

    pk = awkward.add(library, Workflow, "script", context='{"content": "gASVpickled"}')

    page = operator_client.get(admin_of(Workflow).record_url(pk)).content.decode()

    assert "gASVpickled" not in page
    assert 'name="field-context"' not in page


def test_null_and_empty_text_are_told_apart(
    operator_client: Client, library: Library
) -> None:
    from core.models import Message

    awkward.add(library, Message, "nulls", title="one with nulls")
    awkward.add(library, Message, "empty", title="one with blanks")

    page = operator_client.get(admin_of(Message).list_url()).content.decode()

    assert '<span class="null">NULL</span>' in page
    assert '<span class="empty-text">empty</span>' in page


def test_only_web_addresses_become_links(
    operator_client: Client, library: Library
) -> None:
    from core.models import Message

    awkward.add(library, Message, "empty", link="javascript:alert(1)", image="x:y")
    awkward.add(library, Message, "empty", link="https://example.org/?a=1&b=2")

    page = operator_client.get(admin_of(Message).list_url()).content.decode()

    assert 'href="javascript' not in page
    assert 'src="x:y"' not in page
    assert 'href="https://example.org/?a=1&amp;b=2"' in page


def test_posters_are_small_lazy_and_tell_nobody(
    operator_client: Client, library: Library
) -> None:
    from core.models import Subscribe

    poster = "https://image.tmdb.org/t/p/original/synthetic.jpg"
    awkward.add(library, Subscribe, "empty", poster=poster)

    page = operator_client.get(admin_of(Subscribe).list_url()).content.decode()

    image = re.search(r"<img[^>]+tmdb[^>]+>", page)
    assert image is not None
    assert "/t/p/w92/synthetic.jpg" in image[0]
    assert 'loading="lazy"' in image[0]
    assert 'referrerpolicy="no-referrer"' in image[0]


def test_a_record_shows_its_own_changes(
    operator_client: Client, operator: object, library: Library
) -> None:
    from core.models import Subscribe

    first = awkward.add(library, Subscribe, "empty", name="first", state="N")
    second = awkward.add(library, Subscribe, "empty", name="second", state="N")
    save_record(Subscribe, first, {"state": "S"}, by=operator, reason="holiday")

    page = operator_client.get(admin_of(Subscribe).record_url(first)).content.decode()
    history = operator_client.get(admin_of(Subscribe).url("history", first))
    other = operator_client.get(admin_of(Subscribe).record_url(second)).content.decode()

    for shown in (page, history.content.decode()):
        assert "holiday" in shown
        assert "olivia" in shown
    assert "holiday" not in other


def test_secrets_stay_masked_in_a_records_changes(
    operator_client: Client, operator: object, library: Library
) -> None:
    from sites.models import Site

    pk = awkward.add(library, Site, "empty", cookie="synthetic-secret-old")
    save_record(Site, pk, {"cookie": "synthetic-secret-new"}, by=operator)

    page = operator_client.get(admin_of(Site).record_url(pk)).content.decode()

    assert "synthetic-secret" not in page
    assert MASK in page


def test_pages_need_an_operator(client: Client, library: Library) -> None:
    for model in awkward.record_models():
        page = client.get(admin_of(model).list_url())
        assert page.status_code == 302
        assert page["Location"].startswith("/login/")


@pytest.mark.parametrize("pk", ["99", "99999999999999999999999"])
def test_a_record_that_is_gone_leads_back_to_the_list(
    operator_client: Client, library: Library, pk: str
) -> None:
    from core.models import Subscribe

    page = operator_client.get(f"/core/subscribe/{pk}/change/", follow=True)

    assert page.redirect_chain == [(admin_of(Subscribe).list_url(), 302)]
    assert "does not exist" in page.content.decode()
