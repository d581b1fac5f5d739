"""Known secrets, sent through every page, error and log: none of them comes out."""

from __future__ import annotations

import base64
import html
import io
import json
import logging
import logging.config
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from django.urls import NoReverseMatch, path, reverse

from core.admin.tests import awkward
from core.changes import ChangeSet, Delete, Selection, Set, apply, create_records, plan
from core.changes.tests.support import edit
from core.fields import JSONColumn
from core.models import Operator, PassKey, SystemConfig, User
from core.opers.base import oper_of
from core.roles import Role
from core.tests.support import leaks, live
from core.tests.support.leak_walk import (
    change_own_factors,
    edit_in_bulk,
    edit_secrets,
    errors,
    import_secrets,
    move_secrets,
    pages_of,
    preview_and_apply,
    read_changes,
    read_table,
    remap_paths,
    rescue_user,
    search_for_secrets,
    select_all,
    send_plan,
    sign_in_half_way,
)
from core.tests.support.leaks import Secrets, Snoop
from core.tests.support.people import make_operator
from mpadmin import urls
from mpadmin.settings import LOGGING
from sites.models import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.models.base import Record

UNVISITED = {
    # They show nothing, and end the session.
    "admin:logout",
    "admin:own_sessions_end",
    "admin:password_change",
    "admin:password_change_done",
}


@pytest.fixture
def secrets(settings, operator) -> Secrets:
    found = Secrets()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = found.new("SECRET_KEY")
    found.words |= {
        live.PASSWORD: "the operator's password",
        operator.password: "its hash",
    }
    return found


@pytest.fixture
def log(settings, caplog) -> Iterator[io.StringIO]:
    """What the real configuration writes."""
    stream = io.StringIO()
    handlers = {"stderr": {**LOGGING["handlers"]["stderr"], "stream": stream}}
    logging.config.dictConfig({**LOGGING, "handlers": handlers})
    # First, so that it hears what is logged before any filter of ours has seen it.
    logging.root.handlers.insert(0, caplog.handler)
    logging.root.setLevel(logging.DEBUG)
    yield stream
    logging.config.dictConfig(settings.LOGGING)


@pytest.fixture
def snoop(operator_client, secrets, log, caplog, capsys) -> Iterator[Snoop]:
    """Whoever reads all answers; at the end, what was logged and printed too."""
    # The session was made under another SECRET_KEY.
    operator = Operator.objects.get(username="olivia")
    operator_client.force_login(
        operator, backend="django.contrib.auth.backends.ModelBackend"
    )
    operator_client.raise_request_exception = False
    snoop = Snoop(operator_client, secrets)
    yield snoop
    printed = capsys.readouterr()
    heard = map(caplog.handler.format, caplog.get_records("call"))
    texts = [log.getvalue(), *heard, printed.out, printed.err]
    assert not sorted({*snoop.told})
    assert not secrets.told_by("\n".join(texts))


def expect_any_json(monkeypatch) -> None:
    """Let secrets be written wherever JSON is, whatever shape MoviePilot wants."""
    monkeypatch.setattr(SystemConfig, "checked_with", ())
    for model in awkward.record_models():
        for column in model._meta.fields:
            if isinstance(column, JSONColumn):
                monkeypatch.setattr(column, "shape", None)


def names_of(model: type[Record]) -> set[str]:
    """The addresses of a table's pages, by their names."""
    prefix = f"admin:{model._meta.label_lower.replace('.', '_')}_"
    return {name for name in leaks.all_names() if name.startswith(prefix)}


def test_a_secret_is_told_from_every_spelling_of_it():
    secrets = Secrets()
    secret = secrets.new("here")
    coded = [base64.b64encode(f"{'x' * n}{secret}".encode()).decode() for n in range(3)]
    spelled = [html.escape(secret), quote(secret), json.dumps(secret), *coded]

    for text in spelled:
        assert secrets.told_by(f"before {text} after") == [
            f"here ({secret.partition('<')[0]})"
        ]
    assert not secrets.told_by("synthetic leak, and nothing else")


@pytest.mark.parametrize("part", range(4))
def test_no_page_of_a_table_tells_a_secret(
    library, operator, snoop, log, part, monkeypatch
):
    ids = leaks.fill(library, snoop.secrets)
    models = sorted(ids, key=lambda model: model._meta.db_table)[part::4]
    for model in models:
        edit_secrets(snoop, model, ids[model])  # most have another shape: refused
    expect_any_json(monkeypatch)

    for model in models:
        read_table(snoop, model, ids[model])
        search_for_secrets(snoop, model)
        select_all(snoop, model)
        edit_in_bulk(snoop, model)
        import_secrets(snoop, model, ids[model])
        edit_secrets(snoop, model, ids[model])
        move_secrets(snoop, library, model, ids[model])
        if model is User:
            rescue_user(snoop, ids[model])
        preview_and_apply(snoop, operator, model, ids[model])
        read_table(snoop, model, ids[model])
    read_changes(snoop)
    errors(snoop)

    assert {200, 302, 403, 404} <= snoop.statuses
    assert "Not Found: /there/is/no/such/page/" in log.getvalue()
    wanted = {name for model in models for name in names_of(model)}
    assert len(wanted) >= 8 * len(models)
    assert not {name for name in wanted - snoop.seen if not name.endswith("_bulk_edit")}


def test_every_setting_and_the_console_itself_keep_their_secrets(
    library, operator, snoop
):
    leaks.fill(library, snoop.secrets)
    for (pk,) in library.execute("SELECT id FROM systemconfig"):
        read_table(snoop, SystemConfig, pk)
        move_secrets(snoop, library, SystemConfig, pk)
    remap_paths(snoop)
    send_plan(snoop, plan(SystemConfig, Delete(), by=operator).token)
    read_changes(snoop)
    walk_operators(snoop, make_operator("otto", Role.OPERATOR))
    change_own_factors(snoop, operator)
    for name in others() - UNVISITED:
        with suppress(NoReverseMatch):
            snoop.get(reverse(name))
            snoop.post(reverse(name), [])
    sign_in_wrongly(snoop)
    sign_in_half_way(snoop, library)

    assert not others() - UNVISITED - snoop.seen


def others() -> set[str]:
    """The addresses that are no table's."""
    tables = {name for model in awkward.record_models() for name in names_of(model)}
    return leaks.all_names() - tables


def walk_operators(snoop, operator) -> None:
    operator.totp_secret = snoop.secrets.new("an operator's code secret")
    operator.save()
    snoop.secrets.words[operator.password] = "an operator's hash"
    key = {name: snoop.secrets.new(name) for name in ("credential_id", "public_key")}
    operator.passkeys.create(name="key", **key)
    page = snoop.get(reverse("admin:core_operator_change", args=[operator.pk]))
    page.form("email").send()
    page.form("what").send(what="passkeys")
    page = snoop.get(reverse("admin:core_operator_password", args=[operator.pk]))
    form = page.form("password1")
    form["password1"] = snoop.secrets.new("a new password")
    form["password2"] = snoop.secrets.new("another new password")
    form.send()


def sign_in_wrongly(snoop) -> None:
    snoop.client.logout()
    form = snoop.get(reverse("admin:login")).form("username")
    form["username"], form["password"] = "olivia", snoop.secrets.new("a wrong password")
    form.send()


def test_an_operator_who_may_nothing_is_told_nothing(library, client, secrets, log):
    ids = leaks.fill(library, secrets)
    nobody = Operator.objects.create_user("nobody", password=live.PASSWORD)
    nobody.is_staff = True
    nobody.save()
    client.force_login(nobody, backend="django.contrib.auth.backends.ModelBackend")
    snoop = Snoop(client, secrets)

    for model, pk in ids.items():
        assert snoop.get(pages_of(model).record_url(pk)).status == 403
        assert snoop.get(pages_of(model).list_url()).status == 403

    assert not sorted({*snoop.told})
    assert not secrets.told_by(log.getvalue())


def test_what_the_database_refuses_is_told_without_its_values(
    library, operator, snoop, monkeypatch
):
    # So that it is the database that says no.
    monkeypatch.setattr(PassKey, "unique_by", ())
    ids = leaks.fill(library, snoop.secrets)
    [passkey] = library.execute(
        "SELECT credential_id, user_id FROM passkey WHERE id = ?", ids[PassKey]
    )
    row = {
        "user_id": passkey[1],
        "credential_id": passkey[0],
        "public_key": snoop.secrets.new("a new passkey"),
    }

    made = create_records(PassKey, [row, {**row, "credential_id": "free"}])

    read_changes(snoop)
    assert made.failed == 1
    assert "credential_id" in made.problems[0][1]
    assert not snoop.secrets.told_by(json.dumps(made.problems))


def test_no_record_names_itself_after_a_secret(library, secrets, operator):
    ids = leaks.fill(library, secrets)

    for model, pk in ids.items():
        record = oper_of(model).find(pk)
        told = f"{record} {record!r} {[record]}"
        assert model.__name__ in told
        assert not secrets.told_by(told)
    made = plan(Site, {"cookie": Set(secrets.new("planned"))}, by=operator)
    change_set = apply(made)
    entries = [*change_set.entries.all(), *change_set.batches.all()]
    assert not secrets.told_by(f"{made!r} {made} {change_set!r} {change_set} {entries}")


SAY_NO = """
    CREATE FUNCTION say_no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'not today' USING ERRCODE = '{}',
        DETAIL = 'Failing row contains ' || NEW.cookie, HINT = NEW.token;
    END $$;
    CREATE TRIGGER no BEFORE UPDATE ON site FOR EACH ROW EXECUTE FUNCTION say_no()
"""
SAY_NO_SQLITE = """
    CREATE TRIGGER no BEFORE UPDATE ON site BEGIN SELECT RAISE(ABORT, 'not today'); END
"""


@pytest.mark.parametrize("code", ["23514", "22003", "XX000"])
def test_a_write_that_fails_tells_no_value(library, operator, snoop, log, code):
    pk = leaks.fill(library, snoop.secrets)[Site]
    is_sqlite = library.vendor == "sqlite"
    library.execute(SAY_NO_SQLITE if is_sqlite else SAY_NO.format(code))

    edit_secrets(snoop, Site, pk)
    form = snoop.get(pages_of(Site).record_url(pk)).form("shown")
    form["field-cookie"] = snoop.secrets.new("refused")
    page = form.send()
    made = plan(Site, {"pri": Set(7)}, selection=Selection(Site), by=operator)
    snoop.get(reverse("admin:core_plan_preview", args=[made.token])).form(
        "reason"
    ).send()
    read_changes(snoop)

    assert "not today" in page.text
    assert ChangeSet.objects.count() >= 1
    for change_set in ChangeSet.objects.all():
        assert not snoop.secrets.told_by(json.dumps(change_set.problems))


def broken_view(request, pk):
    """Fails with records and their values at hand, under names that tell nothing."""
    site = Site.objects.get(sid=pk)
    values, text, raw = [site.cookie, {"a": site.token}], site.rss, (site.apikey,)
    edit(Site, cookie=text)
    raise LookupError(f"{site!r} {site} {len(values)} {len(raw)}")


urlpatterns = [path("broken/<int:pk>/", broken_view), *urls.urlpatterns]


@pytest.mark.parametrize("debug", [True, False])
def test_a_page_that_fails_with_records_at_hand_tells_no_value(
    library, snoop, settings, log, debug
):
    pk = leaks.fill(library, snoop.secrets)[Site]
    settings.ROOT_URLCONF, settings.DEBUG = __name__, debug

    page = snoop.get(f"/broken/{pk}/")

    assert page.status == 500
    assert ("broken_view" in page.html) is debug
    assert "LookupError" in log.getvalue()
