"""Saving a record's form: only what was edited, and never over somebody else's."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

import pytest
from django.db import connections

from core.admin.tests import awkward
from core.changes import ChangeSet
from core.models import (
    MediaServerItem,
    PassKey,
    PluginData,
    Subscribe,
    SystemConfig,
    User,
    Workflow,
)
from history.models import TransferHistory
from sites.models import Site

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from core.models.base import Record
    from core.models.operators import Operator
    from core.tests.support.libraries import Library

INPUT = re.compile(
    r"<input [^>]*>|<textarea .*?</textarea>|<select .*?</select>", re.DOTALL
)


class Form:
    """A form as a browser has it: what was shown, to be edited and sent."""

    def __init__(self, client: Client, url: str) -> None:
        self.client, self.url = client, url
        self.load(client.get(url))

    def load(self, page: HttpResponse) -> None:
        self.page = page
        text = page.content.decode()
        form = text[text.index('class="record-form"') :]
        self.values = dict(filter(None, map(self._value, INPUT.findall(form))))

    def _value(self, tag: str) -> tuple[str, str] | None:
        name = re.search(r'name="([^"]+)"', tag)
        if name is None or name[1] == "csrfmiddlewaretoken":
            return None
        if tag.startswith("<textarea"):
            text = tag[tag.index(">") + 1 : -len("</textarea>")]
            text = text.removeprefix("\n").removeprefix("\r\n")
        elif tag.startswith("<select"):
            chosen = re.search(r'<option value="([^"]*)" selected', tag)
            text = chosen[1] if chosen else ""
        elif 'type="checkbox"' in tag or 'type="radio"' in tag:
            if " checked" not in tag:
                return None
            text = "on"
        else:
            found = re.search(r'value="([^"]*)"', tag)
            text = found[1] if found else ""
        # As browsers send it.
        lines = html.unescape(text).replace("\r\n", "\n").replace("\r", "\n")
        return name[1], lines.replace("\n", "\r\n")

    def __setitem__(self, name: str, value: str) -> None:
        self.values[f"field-{name}"] = value

    def __getitem__(self, name: str) -> str:
        return self.values[f"field-{name}"]

    def untick(self, name: str) -> None:
        del self.values[f"field-{name}"]

    def errors(self) -> list[str]:
        """What the page has against the values, each with its field."""
        found = re.findall(
            r'class="errorlist".*?</ul>', self.page.content.decode(), re.S
        )
        return [re.sub(r"<[^>]+>", " ", each) for each in found]

    def save(self, **others: str) -> HttpResponse:
        self.load_or_leave(self.client.post(self.url, {**self.values, **others}))
        return self.page

    def load_or_leave(self, page: HttpResponse) -> None:
        self.page = page
        if page.status_code == 200:
            self.load(page)


def form_of(client: Client, model: type[Record], pk: int) -> Form:
    options = model._meta
    return Form(client, f"/{options.app_label}/{options.model_name}/{pk}/change/")


def row(library: Library, model: type[Record], pk: int) -> dict[str, object]:
    columns = [field.column for field in model._meta.fields]
    names = ", ".join(f'"{column}"' for column in columns)
    found = library.execute(
        f'SELECT {names} FROM "{model._meta.db_table}" WHERE id = ?', pk
    )
    return dict(zip(columns, found[0], strict=True))


def test_a_form_saved_as_it_was_shown_writes_nothing(
    operator_client: Client, library: Library
) -> None:
    ids = awkward.fill(library)
    before = library.dump()

    for model, pks in ids.items():
        for pk in pks:
            page = form_of(operator_client, model, pk).save()
            assert page.status_code == 302, (model, pk)

    assert library.dump() == before
    assert not ChangeSet.objects.exists()


def test_saving_one_field_leaves_all_others_to_the_byte(
    operator_client: Client, library: Library
) -> None:
    ids = awkward.fill(library)

    for pk in ids[TransferHistory]:
        before = row(library, TransferHistory, pk)
        form = form_of(operator_client, TransferHistory, pk)
        form["category"] = "国产剧"
        form.values.pop("field-category-null", None)
        page = form.save()
        after = row(library, TransferHistory, pk)

        assert page.status_code == 302
        assert after == {**before, "category": "国产剧"}


def test_a_save_is_a_change_set_with_operator_and_reason(
    operator_client: Client, operator: Operator, library: Library
) -> None:
    pk = awkward.add(library, Subscribe, "empty", state="N")
    form = form_of(operator_client, Subscribe, pk)

    form["state"] = "S"
    page = operator_client.post(
        form.url, {**form.values, "reason": "holiday"}, follow=True
    )

    change_set = ChangeSet.objects.get()
    assert change_set.operator == operator
    assert change_set.reason == "holiday"
    assert [each.field for each in change_set.entries.get().fields()] == ["state"]
    assert f'action="/core/changeset/{change_set.pk}/undo/"' in page.content.decode()


def test_null_and_empty_text_can_both_be_written(
    operator_client: Client, library: Library
) -> None:
    pk = awkward.add(library, Subscribe, "nulls", name="x", year="2020", keyword="word")

    form = form_of(operator_client, Subscribe, pk)
    form.untick("imdbid-null")  # NULL → ''
    form["year"] = ""  # 2020 → ''
    form["keyword-null"] = "on"  # word → NULL, the text left as it was
    form["username"] = "someone"  # NULL → text, the box left ticked
    form["season"] = "0"
    assert form.save().status_code == 302

    after = row(library, Subscribe, pk)
    assert (after["imdbid"], after["year"], after["keyword"]) == ("", "", None)
    assert (after["username"], after["season"]) == ("someone", 0)


def test_a_text_beside_a_freshly_ticked_null_is_refused(
    operator_client: Client, library: Library
) -> None:
    pk = awkward.add(library, Subscribe, "empty", name="x", year="2020")
    form = form_of(operator_client, Subscribe, pk)

    form["year"], form["year-null"] = "2021", "on"
    page = form.save()

    assert "not both" in page.content.decode()
    assert form["year"] == "2021"
    assert row(library, Subscribe, pk)["year"] == "2020"


def test_wrong_values_are_refused_and_kept_for_correction(
    operator_client: Client, library: Library
) -> None:
    pk = awkward.add(library, Subscribe, "empty", name="x", tmdbid=5)
    form = form_of(operator_client, Subscribe, pk)

    form["tmdbid"], form["sites"], form["name"], form["year"] = (
        "five",
        "[1,",
        "",
        "2021",
    )
    form["date"] = "yesterday"
    page = form.save()

    assert page.status_code == 200
    assert page.content.decode().count('class="errorlist"') == 4
    assert [form["tmdbid"], form["sites"], form["year"]] == ["five", "[1,", "2021"]
    assert row(library, Subscribe, pk)["tmdbid"] == 5

    form["tmdbid"], form["sites"], form["name"], form["date"] = "6", "[1]", "y", ""
    assert form.save().status_code == 302
    after = row(library, Subscribe, pk)
    assert (after["tmdbid"], after["year"], after["name"]) == (6, "2021", "y")


def test_a_database_that_gives_up_loses_nothing_that_was_typed(
    operator_client: Client, sqlite_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = awkward.add(sqlite_library, Subscribe, "empty", name="x", year="2020")
    form = form_of(operator_client, Subscribe, pk)
    blocker = sqlite_library.moviepilot_connect()
    blocker.execute("BEGIN IMMEDIATE")
    connections["moviepilot"].cursor().execute("PRAGMA busy_timeout=50")

    form["year"] = "2021"
    page = form.save(reason="why")

    assert "locked" in page.content.decode()
    assert form["year"] == "2021"
    assert row(sqlite_library, Subscribe, pk)["year"] == "2020"
    blocker.execute("ROLLBACK")
    assert form.save().status_code == 302
    assert row(sqlite_library, Subscribe, pk)["year"] == "2021"


def test_json_is_edited_laid_out_and_stored_in_moviepilots_style(
    operator_client: Client, library: Library
) -> None:
    pk = awkward.add(library, Subscribe, "empty", name="x", filter_groups='["\\u5b57"]')
    form = form_of(operator_client, Subscribe, pk)

    assert form["filter_groups"] == '[\r\n  "字"\r\n]'
    form["filter_groups"] = '["字", "幕"]'
    form["sites"] = ""
    form["note"] = "null"
    assert form.save().status_code == 302

    after = row(library, Subscribe, pk)
    groups, note = after["filter_groups"], after["note"]
    stored = [
        each if isinstance(each, str | None) else json.dumps(each)
        for each in (groups, note)
    ]
    assert (
        stored == ['["\\u5b57", "\\u5e55"]', "null"] or library.vendor == "postgresql"
    )
    assert after["sites"] is None


def test_what_moviepilot_writes_meanwhile_is_not_an_edit(
    operator_client: Client, library: Library
) -> None:
    pk = awkward.add(library, Subscribe, "empty", name="x", state="N", lack_episode=9)
    form = form_of(operator_client, Subscribe, pk)
    library.update("subscribe", pk, lack_episode=3)

    form["state"] = "S"
    assert form.save().status_code == 302

    after = row(library, Subscribe, pk)
    assert (after["state"], after["lack_episode"]) == ("S", 3)


def test_a_field_that_moved_is_not_overwritten_unasked(
    operator_client: Client, library: Library
) -> None:
    pk = awkward.add(library, Subscribe, "empty", name="x", state="N", year="1")
    form = form_of(operator_client, Subscribe, pk)
    library.update("subscribe", pk, state="R")

    form["state"], form["year"] = "S", "2"
    page = form.save(reason="why")
    text = page.content.decode()

    assert page.status_code == 200
    assert "Changed meanwhile" in text
    assert "Subscribed" in text  # what is stored now
    assert (form["state"], form["year"]) == ("S", "2")
    assert 'value="why"' in text
    after = row(library, Subscribe, pk)
    assert (after["state"], after["year"]) == ("R", "1")


@pytest.mark.parametrize(
    ("choice", "state"), [("mine", "S"), ("theirs", "R"), (None, "R")]
)
def test_after_a_move_the_operator_chooses(
    operator_client: Client, library: Library, choice: str | None, state: str
) -> None:
    pk = awkward.add(library, Subscribe, "empty", name="x", state="N", year="1")
    form = form_of(operator_client, Subscribe, pk)
    library.update("subscribe", pk, state="R")
    form["state"], form["year"] = "S", "2"
    form.save()

    if choice:
        form["state-resolve"] = choice
    page = form.save()

    after = row(library, Subscribe, pk)
    assert page.status_code == (302 if choice else 200)
    assert (after["state"], after["year"]) == (state, "2" if choice else "1")
    if choice is None:
        assert "Choose which" in page.content.decode()
        form["state-resolve"] = "mine"
        assert form.save().status_code == 302
        assert row(library, Subscribe, pk)["state"] == "S"


def test_a_second_move_is_asked_about_again(
    operator_client: Client, library: Library
) -> None:
    pk = awkward.add(library, Subscribe, "empty", name="x", state="N")
    form = form_of(operator_client, Subscribe, pk)
    library.update("subscribe", pk, state="R")
    form["state"] = "S"
    form.save()
    library.update("subscribe", pk, state="P")

    form["state-resolve"] = "mine"
    page = form.save()

    assert "Changed meanwhile" in page.content.decode()
    assert row(library, Subscribe, pk)["state"] == "P"


def test_an_error_does_not_forget_that_a_field_moved(
    operator_client: Client, library: Library
) -> None:
    pk = awkward.add(library, Subscribe, "empty", name="x", state="N", tmdbid=1)
    form = form_of(operator_client, Subscribe, pk)
    library.update("subscribe", pk, state="R")
    form["state"], form["tmdbid"] = "S", "one"
    form.save()

    form["tmdbid"] = "2"
    page = form.save()

    assert "Changed meanwhile" in page.content.decode()
    assert row(library, Subscribe, pk)["tmdbid"] == 1


def test_a_form_cannot_be_sent_to_another_record(
    operator_client: Client, library: Library
) -> None:
    first = awkward.add(library, Subscribe, "empty", name="x", state="N")
    second = awkward.add(library, Subscribe, "empty", name="y", state="N")
    form = form_of(operator_client, Subscribe, first)
    form["state"] = "S"

    page = operator_client.post(
        f"/core/subscribe/{second}/change/", form.values, follow=True
    )
    tampered = operator_client.post(
        form.url, {**form.values, "shown": "x"}, follow=True
    )

    assert "Nothing was saved" in page.content.decode()
    assert "Nothing was saved" in tampered.content.decode()
    assert {row(library, Subscribe, pk)["state"] for pk in (first, second)} == {"N"}


def test_a_secret_is_kept_replaced_or_removed(
    operator_client: Client, library: Library
) -> None:
    old = "synthetic-secret-old"
    pk = awkward.add(library, Site, "empty", cookie=old, token=old, apikey=old)
    form = form_of(operator_client, Site, pk)

    assert form["cookie"] == ""
    form["token"] = "synthetic-secret-new"
    form["apikey-clear"] = "on"
    assert form.save().status_code == 302

    after = row(library, Site, pk)
    assert (after["cookie"], after["token"]) == (old, "synthetic-secret-new")
    assert after["apikey"] is None


@pytest.mark.parametrize("model", [SystemConfig, PluginData])
def test_hidden_parts_of_json_survive_an_edit(
    operator_client: Client, library: Library, model: type[Record]
) -> None:
    value = [
        {"name": "one", "type": "a", "password": "synthetic-1", "port": 1},
        {"name": "two", "type": "b", "password": "synthetic-2", "port": 2},
    ]
    pk = awkward.add(
        library, model, "nulls", key="Downloaders", value=json.dumps(value)
    )
    form = form_of(operator_client, model, pk)
    assert "synthetic" not in form.page.content.decode()

    edited = json.loads(form["value"])
    kept = [{**edited[1], "port": 3}]  # without the first, so that places shift
    form["value"] = json.dumps(kept)
    assert form.save().status_code == 302

    stored = row(library, model, pk)["value"]
    stored = json.loads(stored) if isinstance(stored, str) else stored
    two = {"name": "two", "type": "b", "password": "synthetic-2", "port": 3}
    assert stored == [two]


def test_a_damaged_placeholder_is_refused(
    operator_client: Client, library: Library
) -> None:
    value = '{"password": "synthetic-1"}'
    pk = awkward.add(library, PluginData, "nulls", key="k", value=value)
    form = form_of(operator_client, PluginData, pk)

    form["value"] = form["value"].replace("#", "#0")
    page = form.save()

    assert "hidden value was altered" in page.content.decode()
    assert json.loads(str(row(library, PluginData, pk)["value"]).replace("'", '"')) == {
        "password": "synthetic-1"
    }


def test_locked_columns_cannot_be_posted(
    operator_client: Client, library: Library
) -> None:
    user = awkward.add(library, User, "empty", name="x")
    workflow = awkward.add(library, Workflow, "empty", name="x", state="W")
    before = [row(library, User, user), row(library, Workflow, workflow)]

    for model, pk, column in (
        (User, user, "hashed_password"),
        (Workflow, workflow, "context"),
    ):
        form = form_of(operator_client, model, pk)
        form[column] = "{}"
        form.save()

    assert [row(library, User, user), row(library, Workflow, workflow)] == before


def test_broken_json_is_kept_until_it_is_edited(
    operator_client: Client, sqlite_library: Library
) -> None:
    pk = awkward.add(sqlite_library, MediaServerItem, "empty", note='{"a": ')
    form = form_of(operator_client, MediaServerItem, pk)

    assert form["note"] == '{"a": '
    form["title"] = "other"
    assert form.save().status_code == 302
    kept = row(sqlite_library, MediaServerItem, pk)["note"]
    form = form_of(operator_client, MediaServerItem, pk)
    form["note"] = '{"a": 1}'
    assert form.save().status_code == 302

    assert kept == '{"a": '
    assert row(sqlite_library, MediaServerItem, pk)["note"] == '{"a": 1}'


def test_line_breaks_of_another_program_are_kept(
    operator_client: Client, library: Library
) -> None:
    words = "one\r\ntwo\rthree\nfour"
    pk = awkward.add(
        library, Subscribe, "empty", name="x", custom_words=words, year="1"
    )
    form = form_of(operator_client, Subscribe, pk)

    form["year"] = "2"
    assert form.save().status_code == 302

    assert row(library, Subscribe, pk)["custom_words"] == words


def test_a_new_record_gets_moviepilots_defaults(
    operator_client: Client, library: Library
) -> None:
    form = Form(operator_client, "/core/subscribe/add/")

    form["name"] = "流浪地球"
    form["tmdbid"] = "535167"
    page = form.save(reason="asked for")

    pk, state, sites, best, year = library.execute(
        "SELECT id, state, sites, best_version, year FROM subscribe"
    )[0]
    assert page["Location"] == f"/core/subscribe/{pk}/change/"
    assert (state, best, year) == ("N", 0, None)
    assert sites in ("[]", [])
    assert ChangeSet.objects.get().reason == "asked for"


def test_a_new_record_needs_what_every_record_has(
    operator_client: Client, library: Library
) -> None:
    form = Form(operator_client, "/core/subscribe/add/")

    form["year"] = "2020"
    page = form.save()

    assert page.status_code == 200
    assert "always needs a value" in page.content.decode()
    assert form["year"] == "2020"
    assert library.execute("SELECT count(*) FROM subscribe")[0][0] == 0


def test_every_table_but_passkeys_takes_a_new_record(
    operator_client: Client, library: Library
) -> None:
    for model in awkward.record_models():
        if model is PassKey:
            continue
        form = Form(
            operator_client, f"/{model._meta.label_lower.replace('.', '/')}/add/"
        )
        for field in model._meta.fields:
            if (
                not field.blank
                and not field.primary_key
                and f"field-{field.name}" in form.values
            ):
                form[field.name] = form[field.name] or "1"
        # Only a user has one; other forms pass it over.
        typed = {"password": "synthetic-1", "password-again": "synthetic-1"}
        assert form.save(**typed).status_code == 302, (model, form.errors())


def test_a_record_is_deleted_after_a_question_and_can_come_back(
    operator_client: Client, library: Library
) -> None:
    pk = awkward.add(library, Subscribe, "script", name="goes")
    neighbour = awkward.add(library, Subscribe, "empty", name="stays")
    before = library.dump()
    url = f"/core/subscribe/{pk}/delete/?list=state%3DN"

    question = operator_client.get(url)
    still = library.dump()
    page = operator_client.post(url, {"reason": "wrong"}, follow=True)

    assert "goes" in question.content.decode()
    assert still == before
    assert page.redirect_chain == [("/core/subscribe/?state=N", 302)]
    assert library.execute("SELECT id FROM subscribe") == [(neighbour,)]
    change_set = ChangeSet.objects.get()
    assert change_set.reason == "wrong"
    operator_client.post(f"/core/changeset/{change_set.pk}/undo/")
    assert library.dump() == before
