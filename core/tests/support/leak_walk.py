"""An operator's ways through the pages, with secrets to type and to change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import bcrypt
import pyotp
from django.contrib import admin
from django.urls import reverse

from core.changes import ChangeSet, Delete, Selection, Set, plan
from core.fields import JSONColumn
from core.models import MediaServerItem, PassKey, User
from core.tests.support.leaks import Snoop

if TYPE_CHECKING:
    from core.admin.base import RecordAdmin
    from core.models import Operator
    from core.models.base import Record
    from core.tests.support.acceptance import Form
    from core.tests.support.libraries import Library


def pages_of(model: type[Record]) -> RecordAdmin:
    return admin.site.get_model_admin(model)  # type: ignore[return-value]


def secret_columns(model: type[Record]) -> list[str]:
    return [
        column.attname
        for column in model._meta.fields
        if column.name in model.secret_fields or isinstance(column, JSONColumn)
    ]


def read_table(snoop: Snoop, model: type[Record], pk: int) -> None:
    """Every page of the table and of the record that shows something."""
    pages = pages_of(model)
    own = [f"{name}=1" for name in model.conditions]
    for query in ("", "all=1&last=1&size=200", "q=nothing-like-it", "o=id", *own):
        snoop.get(f"{pages.list_url()}?{query}")
    for page in ("change", "delete", "history"):
        assert snoop.get(pages.url(page, pk)).status == 200
    snoop.get(pages.url("reveal", pk))  # by its address: the record's page
    snoop.get(pages.url("restore", pk))  # of no entry
    for page in ("count", "add", *(["clear"] if model is MediaServerItem else [])):
        snoop.get(pages.url(page))


def search_for_secrets(snoop: Snoop, model: type[Record]) -> None:
    """Nobody finds a record by its secrets, so that no search can guess them."""
    pages = pages_of(model)
    table = f"{model._meta.db_table}."
    # One for each place is enough.
    places = {place: word for word, place in snoop.secrets.words.items()}
    for place, word in places.items():
        if not place.startswith(table):
            continue
        # What was typed stands in the search box, and in the page's own address.
        typing = Snoop(snoop.client)
        assert not typing.get(f"{pages.list_url()}?q={word}").record_links, place
        name = place.partition(".")[2]
        for lookup in (name, f"{name}__contains"):
            for page in ("changelist", "count"):
                url = f"{pages.url(page)}?{lookup}=synthetic"
                found = snoop.get(url).record_links
                # JSON that is no secret as a whole may be searched as a whole.
                assert not found or name not in model.secret_fields, place


def new_values(snoop: Snoop, model: type[Record], names: set[str]) -> dict[str, str]:
    """What an operator types into the secret inputs of a form."""
    typed = {}
    for name in secret_columns(model):
        place = f"typed into {model._meta.db_table}.{name}"
        is_json = isinstance(model.column(name), JSONColumn)
        value = snoop.secrets.new(place)
        if f"field-{name}" in names:
            typed[f"field-{name}"] = (
                json.dumps({"password": value, "any": "open"}) if is_json else value
            )
    return typed


def edit_secrets(snoop: Snoop, model: type[Record], pk: int) -> None:
    """Save new secrets: refused for another field, then moved, then written."""
    pages = pages_of(model)
    page = snoop.get(pages.record_url(pk))
    if not any(form.is_post and "shown" in form for form in page.forms):
        return
    form = page.form("shown")
    typed = new_values(snoop, model, {each.name for each in form.controls})
    for name, value in typed.items():
        form[name] = value
    number = next((c.name for c in form.controls if wants_number(model, c.name)), "")
    if number:
        was, form[number] = form[number], "not a number"
        form.send()
        form[number] = was
    form.send()
    for text in ('{"password": "%s", }', '{"password": "%s', '["%s"'):
        send_broken(snoop, model, pk, text)
    restore_secrets(snoop)


def send_broken(snoop: Snoop, model: type[Record], pk: int, text: str) -> None:
    """Type JSON that is none. Without a name, only secret columns make it a secret."""
    form = snoop.get(pages_of(model).record_url(pk)).form("shown")
    for name in secret_columns(model):
        is_told = "password" in text or name in model.secret_fields
        if (
            f"field-{name}" in form
            and is_told
            and isinstance(model.column(name), JSONColumn)
        ):
            word = snoop.secrets.new(f"broken JSON typed into {name}").partition('"')[0]
            form[f"field-{name}"] = text.replace("%s", word)
    form.send()


def wants_number(model: type[Record], name: str) -> bool:
    name = name.removeprefix("field-")
    kinds = ("IntegerColumn", "FloatColumn")
    return any(
        column.attname == name and type(column).__name__ in kinds
        for column in model._meta.fields
    )


def move_secrets(snoop: Snoop, library: Library, model: type[Record], pk: int) -> None:
    """MoviePilot writes other secrets between a form and its save."""
    form = snoop.get(pages_of(model).record_url(pk))
    form = form.form("shown") if "shown" in str(form.forms) else None
    if form is None:
        return
    typed = new_values(snoop, model, {each.name for each in form.controls})
    for name, value in typed.items():
        column = name.removeprefix("field-")
        word = snoop.secrets.new(f"moved {model._meta.db_table}.{column}")
        is_json = isinstance(model.column(column), JSONColumn)
        stored = json.dumps({"password": word}) if is_json else word
        library.update(model._meta.db_table, pk, **{column: stored})
        form[name] = value
    form.send()


def read_changes(snoop: Snoop) -> None:
    """Every change's page and what an undo of it would do, and the lists of them."""
    snoop.get(reverse("admin:index"))
    changes = reverse("admin:core_changeset_changelist")
    snoop.get(changes)
    snoop.get(f"{reverse('admin:prune')}?days=0")
    for made in ChangeSet.objects.all():
        snoop.get(f"{changes}?table={made.table}")
        snoop.get(reverse("admin:core_changeset_change", args=[made.pk]))
        snoop.get(reverse("admin:core_changeset_undo", args=[made.pk]))
        read_entries(snoop, made)
        snoop.get(reverse("admin:core_changeset_progress", args=[made.pk]))
        for name in ("resume", "cancel", "queue", "select"):
            snoop.post(reverse(f"admin:core_changeset_{name}", args=[made.pk]), [])


def read_entries(snoop: Snoop, made: ChangeSet) -> None:
    """The undo of one entry, what restoring would do, and finding the record."""
    undo = reverse("admin:core_changeset_undo", args=[made.pk])
    for entry in made.entries.order_by("pk")[:2]:
        snoop.get(f"{undo}?entry={entry.pk}")
        restore = pages_of(entry.model).url("restore", entry.record_id)
        for when in ("before", "after"):
            snoop.get(f"{restore}?entry={entry.pk}&when={when}")
        found = reverse("admin:core_changeset_records")
        snoop.get(f"{found}?record={entry.record_id}")


def restore_secrets(snoop: Snoop) -> None:
    """Put back what the last change found, as far as it lets itself be put back."""
    made = ChangeSet.objects.order_by("-pk").first()
    for entry in made.entries.all()[:3] if made else ():
        url = pages_of(entry.model).url("restore", entry.record_id)
        page = snoop.get(f"{url}?entry={entry.pk}&when=before")
        if any(form.is_post and "shown" in form for form in page.forms):
            page.form("shown").send()


def preview_and_apply(
    snoop: Snoop, operator: Operator, model: type[Record], pk: int
) -> None:
    """Plans over secret columns: their preview, their change, their undo."""
    operations = {
        name: Set(
            {"token": snoop.secrets.new(f"planned {name}"), "filling": "x" * 3000}
            if isinstance(model.column(name), JSONColumn)
            else snoop.secrets.new(f"planned {name}")
        )
        for name in secret_columns(model)
        if name not in model.locked_fields
    }
    chosen = Selection(model, ids=[pk])
    if operations:
        send_plan(snoop, plan(model, operations, selection=chosen, by=operator).token)
    if model is not PassKey:
        send_plan(snoop, plan(model, Delete(), selection=chosen, by=operator).token)


def send_plan(snoop: Snoop, token: str) -> None:
    page = snoop.get(reverse("admin:core_plan_preview", args=[token]))
    if any(form.is_post and "reason" in form for form in page.forms):
        page = page.form("reason").send()
        assert page.status == 200, page.told()
    made = ChangeSet.objects.order_by("-pk").first()
    undo = snoop.get(reverse("admin:core_changeset_undo", args=[made.pk]))
    snoop.get(reverse("admin:core_changeset_change", args=[made.pk]))
    if any("reason" in form for form in undo.forms if form.is_post):
        undo.form("reason").send()


def edit_in_bulk(snoop: Snoop, model: type[Record]) -> None:
    """Type secrets into the bulk form: refused for another field, previewed, edited
    once more.
    """
    page = snoop.get(f"{pages_of(model).list_url()}?all=1").form("all").send(do="edit")
    form = page.form("reason")
    for name in secret_columns(model):
        if f"{name}-mode" not in form:
            continue
        word = snoop.secrets.new(f"typed in bulk into {name}")
        is_json = isinstance(model.column(name), JSONColumn)
        form[f"{name}-mode"] = "set"
        form[f"{name}-value"] = json.dumps({"password": word}) if is_json else word
    names = [column.name for column in model._meta.fields]
    number = next(
        (n for n in names if wants_number(model, n) and f"{n}-mode" in form), ""
    )
    if number:
        form[f"{number}-mode"], form[f"{number}-value"] = "set", "not a number"
        form.send()
        form[f"{number}-mode"], form[f"{number}-value"] = "leave", ""
    page = form.send()
    if "/plan/" in page.url:
        edit = next(link for link in page.links if "/bulk/" in link)
        snoop.get(urljoin(page.url, edit)).form("reason").send()


def import_secrets(snoop: Snoop, model: type[Record], pk: int) -> None:
    """A pasted table with secrets: unreadable, mapped, previewed, partly imported."""
    pages = pages_of(model)
    row: dict[str, object] = {"id": pk}
    for name in secret_columns(model):
        word = snoop.secrets.new(f"pasted into {model._meta.db_table}.{name}")
        is_json = isinstance(model.column(name), JSONColumn)
        row[name] = {"password": word} if is_json else word
    text = json.dumps([row, {**row, "id": None}, {**row, "id": "no number"}])
    form = snoop.get(pages.url("import")).form("text")
    form["text"] = text[:-1]
    form.send()
    form["text"] = text
    page = form.send().form("match").send()
    for link in page.links:
        if "/import/" in link:
            snoop.get(urljoin(page.url, link))
    if any(form.is_post and "reason" in form for form in page.forms):
        page.form("reason").send(skip_invalid="1")


def rescue_user(snoop: Snoop, pk: int) -> None:
    """A new password: typed in two ways, too long, and taken."""
    url = pages_of(User).url("rescue", pk)
    snoop.get(url)
    one, other = (snoop.secrets.new(f"a new password {n}") for n in range(2))
    for typed, again in ((one, other), (one * 4, one * 4), (other, other)):
        page = snoop.get(f"{url}?password=1&clear-otp=1&passkeys=disable&activate=1")
        form = page.form("shown")
        form["password"], form["password-again"] = typed, again
        form.send()


def change_own_factors(snoop: Snoop, operator: Operator) -> None:
    """One's own codes and passkeys, each with a password that is another's."""
    key = {name: snoop.secrets.new(name) for name in ("credential_id", "public_key")}
    passkey = operator.passkeys.create(name="key", **key)
    snoop.get(reverse("admin:own_account"))
    snoop.get(reverse("admin:own_passkey", args=[passkey.pk])).form("name").send()
    urls = [reverse(f"admin:own_{name}") for name in ("codes", "passkey_add")]
    for url in [*urls, reverse("admin:own_passkey_remove", args=[passkey.pk])]:
        form = snoop.get(url).form("password")
        form["password"] = snoop.secrets.new("a mistyped password")
        form.send()


def sign_in_half_way(snoop: Snoop, library: Library) -> None:
    """A right password, then wrong codes, of users with and without a usable secret."""
    word = snoop.secrets.new("a right password")
    hashed = bcrypt.hashpw(word.encode(), bcrypt.gensalt(4)).decode()
    snoop.secrets.words[hashed] = "the hash of a right password"
    usable = pyotp.random_base32()
    snoop.secrets.words[usable] = "a code secret"
    for secret in (usable, snoop.secrets.new("a broken code secret")):
        name = f"half way {secret[-4:]}"
        rights = {"is_active": True, "is_superuser": True, "is_otp": True}
        login = {"hashed_password": hashed, "otp_secret": secret}
        library.insert("user", name=name, **rights, **login)
        form = snoop.get(reverse("admin:login")).form("username")
        form["username"], form["password"] = name, word
        form = form.send().form("code")
        form["code"] = snoop.secrets.new("a typed code")
        form.send()


def remap_paths(snoop: Snoop) -> None:
    """From the form of a path remap to its preview, to the change and its undo."""
    page = snoop.get(reverse("admin:remap"))
    form = page.form("old")
    form["old"], form["new"] = "/", "/remapped"
    page = form.send()
    assert page.status == 200, page.told()
    if any(form.is_post and "shown" in form for form in page.forms):
        page.form("shown").send(do="again")
        page.form("shown").send(skip_invalid="1")


def select_all(snoop: Snoop, model: type[Record]) -> None:
    """From the list to the bulk forms, and as far as a refusal."""
    pages = pages_of(model)
    for do in ("edit", "delete"):
        page = snoop.get(f"{pages.list_url()}?all=1")
        page = page.form("all").send(do=do)
        if "bulk" in page.url:
            page.form("reason").send()
    export_all(snoop, snoop.get(f"{pages.list_url()}?all=1").form("all"))


def export_all(snoop: Snoop, selected: Form) -> None:
    """Every column, in formats that can be read as text; secrets are not asked for."""
    kept = selected.send(do="export").url
    for address in (kept, f"{kept.rpartition('export/')[0]}export/"):
        for name in ("csv", "jsonl"):
            form = snoop.get(address).form("order").send(tick="all").form("order")
            form["format"] = name
            assert form.send().status == 200


def errors(snoop: Snoop) -> None:
    """What answers that are errors say."""
    snoop.get("/there/is/no/such/page/")
    snoop.get(reverse("admin:sites_site_change", args=[987654]))
    snoop.get(reverse("admin:core_plan_preview", args=["no-such-token"]))
    snoop.get(f"{reverse('admin:sites_site_changelist')}?after=broken&nothing=1")
    snoop.post(reverse("admin:sites_site_bulk"), [("do", "edit")])  # no CSRF token
