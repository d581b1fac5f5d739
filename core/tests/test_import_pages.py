"""The pages of an import: the file, its columns, the preview, applying it."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.changes import ChangeSet, Plan, undo
from core.changes.models import State
from core.changes.tests.support import add_items, add_sites, stored
from core.exchange import limits
from core.models.operators import Operator
from sites.models import Site

IMPORT = "/sites/site/import/"
SECRET = "synthetic-cookie-1"
BACKEND = "django.contrib.auth.backends.ModelBackend"
CSV = "name,域名,Priority,note text\ns0,a.example,7,x\nnew,new.example,abc,y\n"


def upload(client, content, *, name="sites.csv", at=IMPORT, **data):
    """Post a file as its form does."""
    content = content.encode() if isinstance(content, str) else content
    return client.post(at, {"file": SimpleUploadedFile(name, content), **data})


def mapping(client, content, **data):
    """The address of the mapping of a file that is read."""
    answer = upload(client, content, **data)
    assert answer.status_code == 302, answer.context["problem"]
    return answer["Location"]


def posted(form):
    """What the mapping page would post as it stands."""
    given = {each.input_name: each.target for each in form.columns}
    questions = {"match": form.matches, "does": form.doings, "empty": form.empties}
    for name, choices in questions.items():
        given[name] = next((each.value for each in choices if each.is_chosen), "")
    return given


def preview(client, content, *, change=None, **data):
    """The address of the preview of a file, mapped as guessed but for `change`."""
    address = mapping(client, content, **data)
    given = posted(client.get(address).context["form"]) | (change or {})
    answer = client.post(address, given)
    assert answer.status_code == 302, answer.context["form"].errors
    return answer["Location"]


def targets(client, address):
    return [each.target for each in client.get(address).context["form"].columns]


def signed_in(*permissions):
    """A client of an operator who may do just this."""
    operator = Operator.objects.create_user("limited", password="x", is_staff=True)
    operator.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(operator, backend=BACKEND)
    return client


@pytest.fixture
def sites(sqlite_library):
    """Two sites with a domain each."""
    names = [("s0", "a.example"), ("s1", "b.example")]
    return [
        add_sites(sqlite_library, 1, name=name, domain=domain)[0]
        for name, domain in names
    ]


# --- From the file to the change


def test_a_file_is_mapped_previewed_and_imported(operator_client, sites):
    address = mapping(operator_client, CSV)
    assert targets(operator_client, address) == ["name", "domain", "pri", ""]
    at = preview(operator_client, CSV)

    shown = operator_client.get(at)

    assert shown.context["facts"] == {
        "created": 0, "updated": 1, "left_out": 0, "same": 0,
    }  # fmt: skip
    needed = "Address: This column always needs a value."
    assert shown.context["errors"].rows == [
        (3, ["Priority: Enter a whole number.", needed])
    ]
    refused = operator_client.post(at, {})
    assert refused.status_code == 422
    assert not ChangeSet.objects.exists()
    done = operator_client.post(at, {"skip_invalid": "1", "reason": "moved"})
    change_set = ChangeSet.objects.get()
    assert done["Location"].endswith(f"/changeset/{change_set.pk}/")
    assert (change_set.changed, change_set.reason) == (1, "moved")
    assert stored(Site, sites[0], "pri") == 7
    undo(change_set)
    assert stored(Site, sites[0], "pri") == 0


def test_an_applied_import_is_not_applied_again_and_its_rows_are_gone(
    operator_client, sites
):
    at = preview(operator_client, f"id,pri\n{sites[0]},5\n")
    operator_client.post(at, {})

    again = operator_client.post(at, {})

    assert again.status_code == 302
    assert ChangeSet.objects.count() == 1
    assert not Plan.objects.exclude(change_set=None).get().payload
    assert not ChangeSet.objects.get().payload
    back = operator_client.get(at.replace("/preview", ""))
    assert back["Location"] == IMPORT


def test_pasted_text_is_imported(operator_client, sites):
    text = f"ID\tPRI\r\n{sites[1]}\t33\r\n"
    answer = operator_client.post(IMPORT, {"text": text})
    address = answer["Location"]
    given = posted(operator_client.get(address).context["form"])

    at = operator_client.post(address, given)["Location"]
    operator_client.post(at, {})

    assert stored(Site, sites[1], "pri") == 33


def test_the_mapping_comes_back_as_it_was_chosen(operator_client, sites):
    change = {"column-3": "ua", "match": "key", "does": "update", "empty": "1"}
    at = preview(operator_client, CSV, change=change)

    form = operator_client.get(at.replace("preview/", "")).context["form"]

    assert posted(form) == {
        "column-0": "name", "column-1": "domain", "column-2": "pri", **change,
    }  # fmt: skip


def test_a_long_import_is_done_in_the_background(operator_client, sqlite_library):
    ids = add_items(sqlite_library, 2500)
    rows = "".join(f"{pk},x\n" for pk in ids)

    at = preview(
        operator_client, f"id,title\n{rows}", at="/core/mediaserveritem/import/"
    )
    operator_client.post(at, {})

    change_set = ChangeSet.objects.get()
    assert (change_set.state, change_set.changed) == (State.QUEUED, 0)
    assert change_set.payload


# --- What cannot be done


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"column-3": "name"}, "“Name” is chosen for more than one column"),
        ({f"column-{n}": "" for n in range(4)}, "No column of the file"),
        ({"match": "id"}, "a column with the ids is needed"),
        ({"match": "key", "column-1": ""}, "all its columns are needed"),
        ({"match": "none", "does": "update"}, "no record can be updated"),
    ],
    ids=["twice", "none", "id", "key", "update"],
)
def test_a_mapping_that_cannot_be_is_told(operator_client, sites, change, told):
    address = mapping(operator_client, CSV)
    given = posted(operator_client.get(address).context["form"])

    answer = operator_client.post(address, given | change)

    assert answer.status_code == 422
    assert told in answer.content.decode()


@pytest.mark.parametrize("name", ["id", "nothing", "hashed_password"])
def test_a_column_that_cannot_be_chosen_is_ignored(operator_client, sites, name):
    address = mapping(operator_client, CSV)
    given = posted(operator_client.get(address).context["form"])

    answer = operator_client.post(address, given | {"column-3": name})

    made = Plan.objects.exclude(kind="").get()
    assert answer.status_code == 302
    assert sorted(made.operations["columns"]) == ["domain", "name", "pri"]


def test_a_file_that_cannot_be_read_is_told(operator_client, sites):
    for content, told in ((b"\x00\x01", "NUL"), (b"", "empty"), (b"a,b\n", "no row")):
        answer = upload(operator_client, content)

        assert answer.status_code == 422
        assert told in answer.content.decode()
    assert "paste" in operator_client.post(IMPORT, {}).content.decode()
    assert not Plan.objects.exists()


def test_too_much_is_told_and_not_read(operator_client, sites, monkeypatch, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    pasted = operator_client.post(IMPORT, {"text": "a,b\n" + "1,2\n" * 1000})
    monkeypatch.setattr(limits, "MOST_BYTES", 1000)
    uploaded = upload(operator_client, b"x" * 2 * 2**20)

    for answer, told in ((pasted, "Upload it as a file"), (uploaded, "larger than")):
        assert answer.status_code == 413
        assert told in answer.content.decode()


def test_an_upload_needs_its_token(operator, sites):
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator, backend=BACKEND)

    assert upload(client, CSV).status_code == 403
    assert not Plan.objects.exists()


def test_an_import_needs_both_permissions_and_a_plan_is_ones_own(
    operator_client, sites
):
    at = preview(operator_client, CSV)
    changer = signed_in("view_site", "change_site", "add_site")

    for address in (IMPORT, at, at.replace("preview", "errors.csv")[:-1]):
        assert changer.get(address).status_code == 403, address
    assert "Import" not in changer.get("/sites/site/").content.decode()
    importer = Operator.objects.get(username="limited")
    importer.user_permissions.add(Permission.objects.get(codename="import_records"))
    assert changer.get(IMPORT).status_code == 200
    assert changer.get(at).status_code == 404
    assert IMPORT in changer.get("/sites/site/").content.decode()


def test_passkeys_are_only_updated(operator_client, sqlite_library):
    at = "/core/passkey/import/"
    address = mapping(operator_client, "credential_id,name\nx,y\n", at=at)

    form = operator_client.get(address).context["form"]

    assert [each.value for each in form.doings] == ["update"]
    assert [each.value for each in form.matches] == ["id", "key"]
    assert "sign_count" not in dict(form.targets)


# --- What is shown


def test_secrets_are_shown_nowhere(operator_client, sites):
    text = f"id,cookie,饼干\n{sites[0]},{SECRET},{SECRET}\n,{SECRET}2,{SECRET}\n"
    address = mapping(operator_client, text)

    at = preview(operator_client, text)

    for page in (address, at, at.replace("preview/", "errors.csv")):
        answer = operator_client.get(page)
        content = b"".join(answer) if answer.streaming else answer.content
        assert SECRET not in content.decode()


def test_every_error_is_in_the_file_of_errors(operator_client, sites, monkeypatch):
    rows = "".join(f"{sites[0]}{n},x,{n}\n" for n in range(250))
    at = preview(operator_client, f"id,pri,timeout\n{rows}")

    first = operator_client.get(at).context["errors"]
    second = operator_client.get(f"{at}?errors=100").context["errors"]
    answer = operator_client.get(at.replace("preview/", "errors.csv"))
    lines = b"".join(answer).decode("utf-8-sig").splitlines()

    assert (len(first.rows), first.previous, first.following) == (100, -100, 100)
    assert second.rows[0][0] == 102
    assert lines[0] == "Row,Error"
    assert "251,Priority: Enter a whole number." in lines


def test_what_moved_since_the_preview_is_told_and_previewed_again(
    operator_client, sqlite_library, sites
):
    text = (
        "domain,name,url\nnew.example,n,https://n.example/\nb.example,s1,https://b/\n"
    )
    at = preview(operator_client, text)
    (pk,) = add_sites(sqlite_library, 1, name="came", domain="new.example")

    answer = operator_client.post(at, {"reason": "r"})

    assert answer.status_code == 409
    was, now = ("a new record", ""), (f"record {pk}", f"/sites/site/{pk}/change/")
    assert answer.context["moved"] == [(2, was, now)]
    again = operator_client.post(at, {"do": "again", "reason": "r"})["Location"]
    assert operator_client.get(again).context["facts"]["updated"] == 2


def test_pages_are_in_chinese(operator_client, sites):
    operator_client.cookies["mpadmin_language"] = "zh-hans"
    address = mapping(operator_client, "名称,地址\nx,https://x.example/\n")

    assert targets(operator_client, address) == ["name", "url"]
