"""Secrets in the bulk form: typed and written, and shown to nobody."""

import re

import pytest
from django.urls import reverse

from core.changes import ChangeSet
from core.tests.support.bulk import (
    chosen,
    fields,
    previewed,
    start,
    text,
    wrong,
)
from sites.models import Site

COOKIE = "synthetic-cookie-1"


def stored(library, table, column):
    rows = library.execute(f'SELECT "{column}" FROM "{table}" ORDER BY id')
    return [row[0] for row in rows]


def test_a_secret_is_set_for_many_and_shown_to_nobody(library, operator_client):
    ids = [
        library.insert("site", name=n, url="u", cookie="synthetic-old") for n in "ab"
    ]
    before = library.dump()

    made, address = previewed(operator_client, Site, ids=ids, cookie=COOKIE)
    preview = operator_client.get(address)
    back = operator_client.get(preview.context["back_url"])
    applied = operator_client.post(address, follow=True)

    assert stored(library, "site", "cookie") == [COOKIE, COOKIE]
    for page in (preview, back, applied):
        assert "synthetic" not in page.content.decode()
        assert "••••••••" in page.content.decode() or page is back
    for kept in (made, ChangeSet.objects.get()):
        assert "synthetic" not in f"{kept.operations} {getattr(kept, 'outcome', '')}"
    pk = ChangeSet.objects.get().pk
    operator_client.post(reverse("admin:core_changeset_undo", args=[pk]))
    assert library.dump() == before


@pytest.mark.parametrize(
    "doing",
    [
        ("prefix", {"text": COOKIE}),
        ("replace", {"find": "a", "put": COOKIE}),
        ("replace_regex", {"pattern": COOKIE}),
        ("swap_path", {"old": f"/{COOKIE}", "new": "/b"}),
    ],
    ids=lambda doing: doing[0],
)
def test_no_operation_on_a_secret_tells_what_it_writes(library, operator_client, doing):
    pk = library.insert("site", name="a", url="u", cookie="synthetic-old")

    made, address = previewed(operator_client, Site, ids=[pk], cookie=doing)
    preview = operator_client.get(address)

    shown = preview.content.decode() + str(made.operations) + str(made.outcome)
    assert "synthetic" not in shown


def test_a_secret_that_was_typed_survives_an_error_elsewhere_unseen(
    library, operator_client
):
    pk = library.insert("site", name="a", url="u")
    address = start(operator_client, Site, ids=[pk])["Location"]

    page = operator_client.post(address, fields(cookie=COOKIE, timeout="soon"))

    html = page.content.decode()
    assert COOKIE not in html
    kept = re.search(r'name="cookie-value-kept" value="([^"]+)"', html)[1]
    data = {**fields(timeout="9"), "cookie-mode": "set", "cookie-value-kept": kept}
    again = operator_client.post(address, data)
    operator_client.post(again["Location"])
    assert stored(library, "site", "cookie") == [COOKIE]


def test_a_sealed_secret_opens_in_no_other_field(library, operator_client):
    pk = library.insert("site", name="a", url="u")
    address = start(operator_client, Site, ids=[pk])["Location"]
    page = operator_client.post(address, fields(cookie=COOKIE, timeout="soon"))
    kept = re.search(r'"cookie-value-kept" value="([^"]+)"', page.content.decode())[1]

    data = {"ua-mode": "set", "ua-value": "", "ua-value-kept": kept}
    page = operator_client.post(address, data)

    assert wrong(page.context["form"]).keys() == {"ua"}


def test_secret_parts_of_json_are_not_sent_back(library, operator_client):
    pk = library.insert("site", name="a", url="u")
    address = start(operator_client, Site, ids=[pk])["Location"]
    typed = {"path": "token", "value": '"synthetic-1"'}
    whole = '{"token": "synthetic-2"}'

    for note in (("set_path", typed), whole):
        page = operator_client.post(address, fields(note=note, timeout="soon"))
        assert "synthetic" not in page.content.decode()
        _made, preview = previewed(operator_client, Site, ids=[pk], note=note)
        page = operator_client.get(preview)
        assert "synthetic" not in page.content.decode()
        back = operator_client.get(page.context["back_url"])
        assert "synthetic" not in back.content.decode()


def test_an_operation_kept_under_another_key_is_told_and_left(
    sqlite_library, operator, operator_client, settings
):
    pk = sqlite_library.insert("site", name="a", url="u")
    made, address = previewed(operator_client, Site, ids=[pk], cookie=COOKIE)
    made.refresh_from_db()
    token = made.operations["cookie"]["sealed"]
    made.operations["cookie"]["sealed"] = token[:-8] + "AAAAAAA="
    made.save()

    page = operator_client.get(address)
    back = operator_client.get(page.context["back_url"])

    assert "set to ••••••••" in text(page)
    assert chosen(back.context["form"]) == {}
