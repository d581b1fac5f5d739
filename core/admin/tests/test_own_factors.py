"""One's own account: a local operator's one-time codes and passkeys."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import unquote

import pyotp
import pytest
from django.urls import reverse

from core import roles
from core.auth import totp
from core.auth.accounts import account_of
from core.auth.own_passkeys import MOST
from core.auth.passkeys import user_handle
from core.models import AuditEvent, Operator, OperatorPassKey, SignIn
from core.models.audit import AuditKind
from core.models.signins import Outcome
from core.roles import Role
from core.secrets import encrypt
from core.tests.support.authenticator import Authenticator, es256, rs256
from core.tests.support.live import PASSWORD
from core.tests.support.people import client_of, make_operator

pytestmark = pytest.mark.usefixtures("sqlite_library")

ADDRESSES = ["own_codes", "own_codes_off", "own_passkey_add"]


@pytest.fixture
def viewer(console):
    """Changing one's own factors takes no permission."""
    return make_operator("vera", Role.VIEWER)


@pytest.fixture
def page(viewer):
    """Posts to the pages below one's own account."""
    client = client_of(viewer)
    client.defaults["HTTP_HOST"] = "localhost"

    def send(address, *args, **form):
        url = reverse(f"admin:{address}", args=args)
        return client.post(url, form) if form else client.get(url)

    send.client = client
    return send


def text_of(response):
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


def shown_secret(response):
    return response.context["secret"].replace(" ", "")


def events():
    found = AuditEvent.objects.filter(kind=AuditKind.OPERATOR).order_by("pk")
    return [(each.operator_name, each.subject, each.detail) for each in found]


def problems(response):
    assert response.status_code == 200
    return set(response.context["problems"])


def set_up(page):
    """One-time codes, switched on; their secret."""
    secret = shown_secret(page("own_codes"))
    code = pyotp.TOTP(secret).now()
    page("own_codes", code=code, password=PASSWORD)
    return secret


def options_after_password(page, name="my laptop", password=PASSWORD):
    return page("own_passkey_add", name=name, password=password).context


def add(page, key, name="my laptop"):
    context = options_after_password(page, name)
    answer = key.registration(json_of(context))
    return page("own_passkey_add", name=name, answer=answer)


def json_of(context):
    return json.loads(context["options"])


# --- The page


@pytest.mark.parametrize("role", [*Role])
def test_everybody_sees_who_they_are(console, role):
    operator = make_operator("vera", role)

    page = client_of(operator).get(reverse("admin:own_account"))

    assert page.status_code == 200
    assert str(role.label) in text_of(page)
    assert reverse("admin:password_change") in text_of(page)
    assert reverse("admin:own_account") in text_of(page).split("</header>")[0]


def test_somebody_not_signed_in_is_asked_to(client, console):
    for name in ("own_account", *ADDRESSES):
        answer = client.get(reverse(f"admin:{name}"))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("admin:login"))


def test_a_linked_operators_factors_are_moviepilots(sqlite_library, client):
    user = sqlite_library.insert("user", name="mila", is_active=True, is_superuser=True)
    linked = Operator(username="mila", moviepilot_id=user, moviepilot_name="mila")
    linked.password = account_of(linked).password_mark
    roles.give(linked, Role.ADMINISTRATOR)
    client.force_login(linked, backend="core.auth.backend.MoviePilotBackend")

    page = client.get(reverse("admin:own_account"))

    assert "change them in MoviePilot" in text_of(page)
    assert reverse("admin:own_codes") not in text_of(page)
    assert reverse("admin:password_change") not in text_of(page)
    for name in ADDRESSES:
        assert client.get(reverse(f"admin:{name}")).status_code == 403
        assert client.post(reverse(f"admin:{name}")).status_code == 403


# --- One-time codes


def test_codes_are_on_once_a_code_of_the_shown_secret_was_typed(page, viewer):
    shown = page("own_codes")
    secret = shown_secret(shown)
    code = pyotp.TOTP(secret).now()

    assert secret not in str(dict(page.client.session))
    answer = page("own_codes", code=f" {code[:3]} {code[3:]} ", password=PASSWORD)

    assert answer.status_code == 302
    viewer.refresh_from_db()
    assert totp.secret_of(viewer, None) == secret
    assert secret not in viewer.totp_secret
    assert not totp.check(viewer, None, code)
    assert events() == [("vera", "vera", {"done": "one-time codes on"})]
    assert "new_totp_secret" not in page.client.session
    assert shown_secret(page("own_codes")) != secret


def test_the_picture_holds_the_secret_and_needs_no_style(page):
    shown = page("own_codes")
    picture = shown.context["picture"]

    assert picture.startswith("data:image/svg+xml")
    assert "style" not in unquote(picture)
    assert f'src="{picture}"' in unescape(shown.content.decode())
    assert "no-store" in shown["Cache-Control"]


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({"code": "right"}, {"password"}),
        ({"code": "right", "password": "synthetic-wrong"}, {"password"}),
        ({"code": "000", "password": PASSWORD}, {"code"}),
        ({"code": "", "password": ""}, {"code", "password"}),
        ({"code": "right" * 900, "password": PASSWORD}, {"code"}),
    ],
    ids=["no-password", "wrong-password", "wrong-code", "nothing", "long"],
)
def test_without_password_or_code_nothing_changes(page, viewer, form, wrong):
    secret = shown_secret(page("own_codes"))
    if form["code"] == "right":
        form = {**form, "code": pyotp.TOTP(secret).now()}

    answer = page("own_codes", **form)

    assert problems(answer) == wrong
    assert shown_secret(answer) == secret
    viewer.refresh_from_db()
    assert viewer.totp_secret == ""
    assert events() == []


def test_codes_are_switched_off_with_the_password(page, viewer):
    set_up(page)

    assert problems(page("own_codes_off", password="synthetic-wrong")) == {"password"}
    viewer.refresh_from_db()
    assert viewer.totp_secret
    assert page("own_codes_off", password=PASSWORD).status_code == 302

    viewer.refresh_from_db()
    assert viewer.totp_secret == ""
    assert [detail["done"] for _by, _of, detail in events()] == [
        "one-time codes on",
        "one-time codes off",
    ]
    assert page("own_codes_off").status_code == 302


def test_a_new_set_up_leaves_the_old_codes_until_it_is_confirmed(page, viewer):
    secret = set_up(page)

    page("own_codes")
    page("own_codes", code="000000", password=PASSWORD)

    viewer.refresh_from_db()
    assert totp.secret_of(viewer, None) == secret


def test_passwords_cannot_be_tried_here_either(page, viewer):
    for _ in range(5):
        page("own_codes_off", password="synthetic-wrong")
        Operator.objects.filter(pk=viewer.pk).update(totp_secret=encrypt("A" * 32))
        page("own_codes_off", password="synthetic-wrong")

    answer = page("own_codes_off", password=PASSWORD)

    assert "too many attempts" in text_of(answer)
    viewer.refresh_from_db()
    assert viewer.totp_secret
    assert SignIn.objects.filter(operator=viewer, outcome=Outcome.WRONG).count() >= 5


def test_a_right_password_leaves_no_line_in_the_sign_in_log(page):
    set_up(page)

    assert not SignIn.objects.exists()


# --- Passkeys


@pytest.mark.parametrize("make", [es256, rs256], ids=["es256", "rs256"])
def test_a_passkey_is_added_after_the_password(page, viewer, make):
    key = Authenticator(key=make(), origin="http://localhost", verifies=False)

    answer = add(page, key, "  my\tlaptop ")

    assert answer.status_code == 302
    kept = OperatorPassKey.objects.get()
    row = key.stored()
    assert (kept.operator, kept.name) == (viewer, "my laptop")
    assert kept.credential_id == row["credential_id"]
    assert kept.public_key == row["public_key"]
    assert (kept.sign_count, kept.transports) == (1, "internal,hybrid")
    assert key.user_handle == user_handle(viewer)
    added = {"done": "passkey added", "passkey": "my laptop"}
    assert events() == [("vera", "vera", added)]


def test_the_options_are_given_after_the_password_only(page):
    assert "options" not in page("own_passkey_add").context
    wrong = page("own_passkey_add", name="x", password="synthetic-wrong")
    assert problems(wrong) == {"password"}
    assert "options" not in wrong.context

    key = Authenticator()
    key.id = b"never asked for"
    unasked = {"challenge": "AAAA", "user": {"id": "AAAA"}}
    page("own_passkey_add", name="x", answer=key.registration(unasked))

    assert not OperatorPassKey.objects.exists()
    assert events() == []


def test_the_options_name_the_passkeys_there_are(page, viewer):
    key = Authenticator()
    add(page, key)

    options = json_of(options_after_password(page))

    assert [each["id"] for each in options["excludeCredentials"]] == [
        key.stored()["credential_id"]
    ]
    assert options["rp"] == {"name": "mpadmin", "id": "localhost"}
    assert options["user"]["name"] == "vera"
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["residentKey"] == "preferred"
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [-7, -257]


@pytest.mark.parametrize(
    "bent",
    [
        {"origin": "http://localhost:1"},
        {"rp_id": "movies.example"},
        {"cross_origin": True},
        {"id": b"x" * 1024},
        {"id": b""},
    ],
    ids=["origin", "host", "frame", "long-id", "no-id"],
)
def test_an_answer_that_does_not_hold_adds_nothing(page, bent):
    key = Authenticator(**bent)

    answer = add(page, key)

    assert answer.status_code == 302
    assert not OperatorPassKey.objects.exists()
    assert events() == []


@pytest.mark.parametrize("answer", ["", "{}", "[" * 9000, "null", "x" * 70_000])
def test_an_answer_that_is_none_adds_nothing(page, answer):
    options_after_password(page)

    assert page("own_passkey_add", name="x", answer=answer).status_code == 302

    assert not OperatorPassKey.objects.exists()


def test_an_answer_counts_once(page):
    options = json_of(options_after_password(page))
    answer = Authenticator().registration(options)
    page("own_passkey_add", name="x", answer=answer)
    OperatorPassKey.objects.all().delete()

    page("own_passkey_add", name="x", answer=answer)

    assert not OperatorPassKey.objects.exists()


def test_a_passkey_of_another_operator_is_not_taken_over(page, viewer):
    other = make_operator("otto", Role.VIEWER)
    key = Authenticator()
    row = key.stored()
    del row["is_active"]
    OperatorPassKey.objects.create(operator=other, **row)

    add(page, key)

    assert OperatorPassKey.objects.get().operator == other
    assert events() == []


def test_nobody_has_passkeys_without_end(page, viewer):
    for number in range(MOST):
        OperatorPassKey.objects.create(
            operator=viewer, credential_id=f"id{number}", public_key="AAAA", name="x"
        )

    add(page, Authenticator())

    assert OperatorPassKey.objects.count() == MOST


def test_a_passkey_is_renamed(page, viewer):
    add(page, Authenticator())
    kept = OperatorPassKey.objects.get()

    page("own_passkey", kept.pk, name="x" * 300)

    kept.refresh_from_db()
    assert kept.name == "x" * 100
    renamed = {"done": "passkey renamed", "passkey": kept.name, "before": "my laptop"}
    assert events()[-1][2] == renamed


def test_a_passkey_is_removed_with_the_password(page, viewer):
    add(page, Authenticator())
    pk = OperatorPassKey.objects.get().pk

    assert problems(page("own_passkey_remove", pk, password="wrong")) == {"password"}
    assert OperatorPassKey.objects.exists()
    page("own_passkey_remove", pk, password=PASSWORD)

    assert not OperatorPassKey.objects.exists()
    removed = {"done": "passkey removed", "passkey": "my laptop"}
    assert events()[-1] == ("vera", "vera", removed)


def test_another_operators_passkey_is_not_there(page):
    other = make_operator("otto", Role.VIEWER)
    key = OperatorPassKey.objects.create(
        operator=other, credential_id="id", public_key="AAAA", name="otto's"
    )

    for name in ("own_passkey", "own_passkey_remove"):
        assert page(name, key.pk).status_code == 404
        assert page(name, key.pk, password=PASSWORD, name="x").status_code == 404


def test_the_list_tells_names_and_never_keys(page, viewer):
    key = Authenticator(id=b"synthetic-credential-id-7")
    add(page, key, "<b>laptop</b>")

    shown = page("own_account").content.decode()

    assert "&lt;b&gt;laptop&lt;/b&gt;" in shown
    assert "internal,hybrid" in shown
    row = key.stored()
    assert str(row["credential_id"]) not in shown
    assert str(row["public_key"]) not in shown
