"""Whose exports may hold secrets, and of which tables."""

from __future__ import annotations

import csv
import io
import json

import pytest

from core.changes.tests.support import add, add_sites
from core.models import AuditEvent, Message, PassKey, SystemConfig, User, Workflow
from core.roles import Role
from core.tests.support.acceptance import TestClientVisitor
from core.tests.support.leak_walk import pages_of
from core.tests.support.leaks import Secrets, fill
from sites.models import Site

SECRET = "synthetic-cookie-1"


def export(client, model, *columns, **more):
    data = {"format": "csv", "columns": columns, **more}
    return client.post(pages_of(model).url("export_list"), data)


def form_of(client, model):
    return client.get(pages_of(model).url("export_list"))


def rows(response):
    text = b"".join(response.streaming_content).decode()
    return [*csv.reader(io.StringIO(text, newline=""))]


def test_a_site_keeper_exports_the_secrets_of_sites(library, client_as):
    add_sites(library, 1, cookie=SECRET)

    found = rows(export(client_as(Role.SITE_KEEPER), Site, "id", "cookie", secrets="1"))

    assert found[1][1] == SECRET
    [event] = AuditEvent.objects.all()
    assert (event.kind, event.subject) == ("export", "site")
    assert event.operator_name == "site_keeper"
    assert SECRET not in json.dumps(event.detail)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SITE_KEEPER])
def test_other_tables_secrets_are_neither_offered_nor_given(library, client_as, role):
    note = json.dumps({"password": SECRET})
    add(library, "message", [{"title": "m", "action": 0, "note": note}])
    library.insert("systemconfig", key="plugin.P", value=f'["{SECRET}"]')
    client = client_as(role)

    for model in (Message, SystemConfig):
        page = form_of(client, model)
        assert page.status_code == 200
        assert 'name="secrets"' not in page.content.decode()
        assert export(client, model, "id", secrets="1").status_code == 403
    without = rows(export(client, Message, "id", "note"))
    asked = rows(export(client, SystemConfig, "id", "value"))

    assert without[1][1] == r"\-"
    assert asked[0] == ["id"]
    assert not AuditEvent.objects.exists()


def test_an_operator_gets_no_secret_of_a_site(library, client_as):
    add_sites(library, 1, cookie=SECRET)
    client = client_as(Role.OPERATOR)

    assert export(client, Site, "id", "cookie", secrets="1").status_code == 403
    assert rows(export(client, Site, "id", "cookie"))[0] == ["id"]
    assert not AuditEvent.objects.exists()


def test_a_viewer_exports_nothing(library, client_as):
    client = client_as(Role.VIEWER)

    assert form_of(client, Site).status_code == 403
    assert export(client, Site, "id").status_code == 403


NEVER = [User, PassKey, Workflow]


@pytest.mark.parametrize("which", range(len(NEVER)))
def test_what_nobody_is_shown_stands_in_no_file_and_the_form_says_so(
    library, operator_client, which
):
    model, secrets = NEVER[which], Secrets()
    fill(library, secrets)

    page = form_of(operator_client, model)
    form = page.context["form"]
    columns = [*form.order, *model.never_revealed]
    answer = export(operator_client, model, *columns, secrets="1")
    data = b"".join(answer.streaming_content).decode()

    table = model._meta.db_table
    told = " ".join(secrets.told_by(data))
    assert data.startswith("id,")
    for name in model.never_revealed:
        assert f"{table}.{name} " not in told
        assert name not in form.order
        assert f"<code>{name}</code>" in page.content.decode()


def test_an_import_of_such_a_file_leaves_what_was_withheld(library, operator_client):
    pk = library.insert(
        "user",
        name="una",
        email="old@a.example",
        hashed_password="synthetic-hash-1",
        otp_secret="SYNTHETICOTP1",
        is_superuser=False,
    )
    columns = form_of(operator_client, User).context["form"].order
    answer = export(operator_client, User, *columns, secrets="1")
    text = b"".join(answer.streaming_content).decode()

    form = TestClientVisitor(operator_client).get(pages_of(User).url("import"))
    form = form.form("text")
    form["text"] = text.replace("old@", "new@")
    form.send().form("match").send().form("reason").send()

    query = 'SELECT email, hashed_password, otp_secret FROM "user" WHERE id = ?'
    assert library.execute(query, pk) == [
        ("new@a.example", "synthetic-hash-1", "SYNTHETICOTP1")
    ]
