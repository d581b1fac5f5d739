"""The pages of the console's operators: roles, factors, and who stays."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import roles
from core.admin.operators import deeds, people
from core.auth import sessions
from core.auth.passwords import hash_password
from core.models import AuditEvent, Operator
from core.models.operators import OperatorPassKey
from core.models.signins import OperatorSession, Outcome, SignIn
from core.roles import Role
from core.tests.support.live import PASSWORD
from core.tests.support.people import client_of, make_operator

HASH = hash_password("synthetic-Pass-9")
NEW = "synthetic-Pass-2"


def url(page, *args):
    return reverse(f"admin:core_operator_{page}", args=args)


def text(response):
    return html.unescape(response.content.decode())


def user(library, name, **values):
    given = {"is_active": True, "is_superuser": False, "hashed_password": HASH}
    return library.insert("user", name=name, **(given | values))


def linked(library, name, *, role=None, follows=True, **values):
    """An operator who signed in as this MoviePilot user before."""
    pk = user(library, name, **values)
    operator = Operator.objects.create_user(
        name, moviepilot_id=pk, moviepilot_name=name, follows_moviepilot=follows
    )
    roles.give(operator, Role(role) if role else None)
    return operator


def save(client, operator, **values):
    now = Operator.objects.get(pk=operator.pk)
    shown = {"username": now.username, "email": now.email, "role": now.role}
    active = {"is_active": "on"} if now.is_active else {}
    data = {**shown, **active, **values}
    kept = {name: value for name, value in data.items() if value is not None}
    return client.post(url("change", operator.pk), kept)


def events():
    found = AuditEvent.objects.order_by("pk")
    return [(each.kind, each.subject, each.detail) for each in found]


def sign_in_elsewhere(operator):
    client = client_of(operator)
    assert client.get(reverse("admin:index")).status_code == 200
    return client


def is_inside(client):
    return client.get(reverse("admin:index")).status_code == 200


# --- The list


def test_the_list_tells_who_everybody_is(library, operator_client, operator):
    anna = make_operator("anna", Role.ADMINISTRATOR)
    anna.totp_secret = "encrypted"
    anna.save()
    linked(library, "moe", role=Role.ADMINISTRATOR, is_superuser=True, is_otp=True)
    linked(library, "mia", role=Role.VIEWER, follows=False, is_active=False)
    gone = linked(library, "gus", role=Role.OPERATOR)
    library.execute('DELETE FROM "user" WHERE name = ?', "gus")

    page = text(operator_client.get(url("changelist")))
    rows = {each.operator.username: each for each in people.everybody()}

    assert rows["olivia"].role_text == "Superuser"
    assert rows["anna"].factors == ["one-time code"]
    assert rows["moe"].factors == ["one-time code"]
    assert (rows["moe"].role, rows["moe"].follows) == (Role.ADMINISTRATOR, True)
    assert rows["mia"].role is Role.VIEWER
    assert rows["mia"].rights_text == "no role"
    assert rows["mia"].trouble == "disabled in MoviePilot"
    assert rows["gus"].trouble == "is no MoviePilot user any more"
    for each in (operator, anna, gone):
        assert url("change", each.pk) in page
    assert "disabled in MoviePilot" in page


def test_the_list_costs_as_many_queries_however_many_there_are(
    library, operator_client, django_assert_max_num_queries
):
    for number in range(8):
        linked(library, f"moe{number}", role=Role.OPERATOR)
        make_operator(f"local{number}", Role.VIEWER)

    with django_assert_max_num_queries(8, using="default"):
        operator_client.get(url("changelist"))
    with django_assert_max_num_queries(4, using="moviepilot"):
        operator_client.get(url("changelist"))


def test_the_pages_work_while_moviepilot_cannot_be_read(
    sqlite_library, operator_client
):
    operator = linked(sqlite_library, "moe", role=Role.VIEWER)
    sqlite_library.execute('ALTER TABLE "user" RENAME TO other')

    for page in (url("changelist"), url("change", operator.pk), url("grant")):
        assert operator_client.get(page).status_code == 200
    assert "cannot be read" in text(operator_client.get(url("changelist")))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.SITE_KEEPER])
def test_others_than_administrators_do_not_get_here(library, client_as, role):
    client = client_as(role)
    other = make_operator("other", Role.VIEWER)

    for page in ("changelist", "add", "grant"):
        assert client.get(url(page)).status_code == 403
    for page in ("change", "password"):
        assert client.get(url(page, other.pk)).status_code == 403
    assert client.post(url("remove", other.pk), {"what": "sessions"}).status_code == 403


def test_an_administrator_gets_here(library, client_as):
    client = client_as(Role.ADMINISTRATOR)
    other = make_operator("other", Role.VIEWER)

    save(client, other, role=Role.OPERATOR)

    assert Operator.objects.get(pk=other.pk).role == Role.OPERATOR
    assert AuditEvent.objects.get().operator_name == "administrator"


# --- Roles


def test_a_role_is_given_and_kept_in_the_log(library, operator_client):
    vera = make_operator("vera", Role.VIEWER)

    save(operator_client, vera, role=Role.SITE_KEEPER)

    vera = Operator.objects.get(pk=vera.pk)
    assert (vera.role, vera.is_staff) == (Role.SITE_KEEPER, True)
    assert [each.name for each in vera.groups.all()] == [Role.SITE_KEEPER]
    assert events() == [("role", "vera", {"before": "Viewer", "after": "Site keeper"})]


def test_what_is_not_changed_is_not_in_the_log(library, operator_client):
    vera = make_operator("vera", Role.VIEWER)

    page = save(operator_client, vera)

    assert page.status_code == 302
    assert events() == []


def test_a_role_that_allows_less_ends_the_sessions(library, operator_client):
    otto, vera = make_operator("otto", Role.OPERATOR), make_operator("v", Role.VIEWER)
    clients = [sign_in_elsewhere(otto), sign_in_elsewhere(vera)]

    save(operator_client, otto, role=Role.VIEWER)
    save(operator_client, vera, role=Role.OPERATOR)

    assert [is_inside(each) for each in clients] == [False, True]
    assert is_inside(operator_client)


def test_without_a_role_nobody_gets_in(library, operator_client):
    vera = make_operator("vera", Role.VIEWER)

    save(operator_client, vera, role="")

    vera = Operator.objects.get(pk=vera.pk)
    assert (vera.role, vera.is_staff, vera.is_active) == ("", False, True)


def test_a_linked_operator_is_given_a_role_of_its_own_and_moviepilots_again(
    library, operator_client
):
    moe = linked(library, "moe", role=Role.ADMINISTRATOR, is_superuser=True)

    save(operator_client, moe, username=None, role=Role.VIEWER)
    fixed = Operator.objects.get(pk=moe.pk)
    save(operator_client, moe, username=None, role="as-in-moviepilot")
    following = Operator.objects.get(pk=moe.pk)

    assert (fixed.role, fixed.follows_moviepilot) == (Role.VIEWER, False)
    assert (following.role, following.follows_moviepilot) == (
        Role.ADMINISTRATOR,
        True,
    )
    assert events() == [
        (
            "role",
            "moe",
            {
                "before": "Administrator",
                "after": "Viewer",
                "follows_moviepilot": False,
            },
        ),
        (
            "role",
            "moe",
            {
                "before": "Viewer",
                "after": "Administrator",
                "follows_moviepilot": True,
            },
        ),
    ]


def test_a_superuser_with_a_role_is_none_any_more(library, operator_client):
    petra = Operator.objects.create_superuser("petra", password=PASSWORD)

    save(operator_client, petra, role=Role.OPERATOR)

    petra = Operator.objects.get(pk=petra.pk)
    assert (petra.role, petra.is_superuser) == (Role.OPERATOR, False)
    assert events() == [("role", "petra", {"before": "Superuser", "after": "Operator"})]


def test_a_superuser_stays_one_until_a_role_is_chosen(library, operator_client):
    petra = Operator.objects.create_superuser("petra", password=PASSWORD)

    save(operator_client, petra, role="superuser", email="p@a.example")

    petra = Operator.objects.get(pk=petra.pk)
    assert petra.is_superuser
    assert events() == [("operator", "petra", {"email": ["", "p@a.example"]})]


def test_nobody_is_made_a_superuser_here(library, operator_client):
    vera = make_operator("vera", Role.VIEWER)

    page = save(operator_client, vera, role="superuser")

    assert page.status_code == 422
    assert not Operator.objects.get(pk=vera.pk).is_superuser


# --- Active or not


def test_an_operator_is_disabled_and_signed_out(library, operator_client):
    otto = make_operator("otto", Role.OPERATOR)
    client = sign_in_elsewhere(otto)

    save(operator_client, otto, is_active=None)

    assert not Operator.objects.get(pk=otto.pk).is_active
    assert not is_inside(client)
    assert events() == [("operator", "otto", {"is_active": [True, False]})]


def test_nobody_disables_or_demotes_themselves(library, operator_client, operator):
    make_operator("anna", Role.ADMINISTRATOR)

    save(operator_client, operator, role=Role.VIEWER, is_active=None)

    operator.refresh_from_db()
    assert (operator.is_superuser, operator.is_active) == (True, True)
    wanted = deeds.Wanted.as_is(operator)
    for change in ({"is_active": False}, {"is_superuser": False}):
        with pytest.raises(deeds.Refused):
            deeds.change(
                operator.pk, deeds.Wanted(**(vars(wanted) | change)), by=operator
            )
    assert events() == []


def test_one_changes_ones_own_email(library, operator_client, operator):
    save(operator_client, operator, email="o@a.example")

    operator.refresh_from_db()
    assert operator.email == "o@a.example"


def test_the_last_who_can_manage_operators_stays(library):
    """Whoever asks is inside, but could not sign in again."""
    moe = linked(library, "moe", role=Role.ADMINISTRATOR, is_superuser=True)
    anna = make_operator("anna", Role.ADMINISTRATOR)
    library.update("user", moe.moviepilot_id, is_active=False)
    wanted = deeds.Wanted.as_is(anna)

    for change in ({"is_active": False}, {"role": Role.VIEWER}, {"role": None}):
        with pytest.raises(deeds.Refused, match="Nobody would be left"):
            deeds.change(anna.pk, deeds.Wanted(**(vars(wanted) | change)), by=moe)

    assert deeds.Wanted.as_is(Operator.objects.get(pk=anna.pk)) == wanted
    assert events() == []


def test_of_two_who_demote_each_other_one_is_too_late(library):
    anna, adam = (make_operator(name, Role.ADMINISTRATOR) for name in ("anna", "adam"))
    wanted = deeds.Wanted.as_is(adam)
    less = deeds.Wanted(**(vars(wanted) | {"role": Role.VIEWER}))

    deeds.change(adam.pk, less, by=anna)
    with pytest.raises(deeds.PermissionDenied):
        deeds.change(
            anna.pk, deeds.Wanted(**(vars(less) | {"username": "anna"})), by=adam
        )

    assert Operator.objects.get(pk=anna.pk).role == Role.ADMINISTRATOR


# --- How they sign in


def test_a_local_operator_gets_another_password(library, operator_client):
    otto = make_operator("otto", Role.OPERATOR)
    client = sign_in_elsewhere(otto)

    page = operator_client.post(
        url("password", otto.pk), {"password1": NEW, "password2": NEW}
    )

    assert page.status_code == 302
    otto.refresh_from_db()
    assert otto.check_password(NEW)
    assert not is_inside(client)
    assert events() == [("operator", "otto", {"done": "password set"})]


@pytest.mark.parametrize("password", ["short-1", "1234567890"])
def test_a_password_that_is_soon_guessed_is_refused(library, operator_client, password):
    otto = make_operator("otto", Role.OPERATOR)

    page = operator_client.post(
        url("password", otto.pk), {"password1": password, "password2": password}
    )

    assert page.status_code == 422
    assert Operator.objects.get(pk=otto.pk).check_password(PASSWORD)
    assert events() == []


def test_ones_own_password_is_changed_where_the_old_one_is_asked_for(
    library, operator_client, operator
):
    page = operator_client.post(
        url("password", operator.pk), {"password1": NEW, "password2": NEW}
    )

    assert page.url == reverse("admin:password_change")
    operator.refresh_from_db()
    assert operator.check_password(PASSWORD)


def with_factors(operator):
    operator.totp_secret = "encrypted"
    operator.save()
    OperatorPassKey.objects.create(
        operator=operator, credential_id="aWQ", public_key="a2V5", name="<b>Key</b>"
    )
    return operator


def test_second_factors_of_a_local_operator_are_taken_away(library, operator_client):
    otto = with_factors(make_operator("otto", Role.OPERATOR))
    page = text(operator_client.get(url("change", otto.pk)))

    for what in ("codes", "passkeys"):
        operator_client.post(url("remove", otto.pk), {"what": what})

    otto.refresh_from_db()
    assert "Remove all passkeys" in page
    assert "aWQ" not in page
    assert (otto.totp_secret, otto.passkeys.count()) == ("", 0)
    assert events() == [
        ("operator", "otto", {"done": "one-time codes removed"}),
        ("operator", "otto", {"done": "passkeys removed", "count": 1}),
    ]


def test_ones_own_factors_are_not_taken_away_here(library, operator_client, operator):
    with_factors(operator)

    for what in ("codes", "passkeys"):
        operator_client.post(url("remove", operator.pk), {"what": what})

    operator.refresh_from_db()
    assert (operator.totp_secret, operator.passkeys.count()) == ("encrypted", 1)
    assert events() == []


def test_sessions_are_ended_but_ones_own(library, operator_client, operator):
    otto = make_operator("otto", Role.OPERATOR)
    others = [sign_in_elsewhere(otto), sign_in_elsewhere(operator)]

    for each in (otto, operator):
        operator_client.post(url("remove", each.pk), {"what": "sessions"})

    assert not any(map(is_inside, others))
    assert is_inside(operator_client)
    assert [each[2] for each in events()] == [{"done": "signed out everywhere"}] * 2


def test_what_a_linked_operator_signs_in_with_is_moviepilots(library, operator_client):
    moe = linked(library, "moe", role=Role.ADMINISTRATOR, is_superuser=True)

    assert operator_client.get(url("change", moe.pk)).status_code == 200
    assert operator_client.get(url("password", moe.pk)).status_code == 404
    for what in ("codes", "passkeys", "nonsense", ""):
        answer = operator_client.post(url("remove", moe.pk), {"what": what})
        assert answer.status_code == 404
    assert operator_client.get(url("change", 10**9)).status_code == 404
    assert events() == []


def test_the_last_sign_ins_are_shown(library, operator_client):
    otto, other = make_operator("otto", Role.VIEWER), make_operator("o", Role.VIEWER)
    for number in range(12):
        SignIn.objects.create(
            operator=otto if number else other,
            name="otto",
            name_key="k",
            address=f"192.0.2.{number}",
            agent="<b>Browser</b>",
            outcome=Outcome.SUCCESS,
        )

    page = operator_client.get(url("change", otto.pk)).content.decode()

    shown = [number for number in range(12) if f"192.0.2.{number}<" in page]
    assert shown == [*range(2, 12)]
    assert "<b>Browser" not in page


# --- New ones


def add(client, **values):
    given = {"username": "peter", "email": "", "role": "Viewer"}
    passwords = {"password1": NEW, "password2": NEW}
    return client.post(url("add"), given | passwords | values)


def test_a_local_operator_is_added(library, operator_client):
    add(operator_client, role="Site keeper")

    peter = Operator.objects.get(username="peter")
    assert (peter.role, peter.is_staff, peter.is_superuser) == (
        Role.SITE_KEEPER,
        True,
        False,
    )
    assert peter.check_password(NEW)
    assert events() == [("operator", "peter", {"done": "added", "role": "Site keeper"})]


@pytest.mark.parametrize(
    "values", [{"role": ""}, {"role": "superuser"}, {"password2": "x"}]
)
def test_a_local_operator_without_what_it_needs_is_not_added(
    library, operator_client, values
):
    page = add(operator_client, **values)

    assert page.status_code == 422
    assert NEW not in text(page)
    assert not Operator.objects.filter(username="peter").exists()
    assert events() == []


def test_a_local_operator_may_have_a_moviepilot_users_name_which_is_said(
    library, operator_client
):
    user(library, "peter")

    page = operator_client.get(add(operator_client).url)

    assert "who cannot sign in here as long as" in text(page)


# --- Before the first sign-in


def test_moviepilot_users_are_there_to_choose_from(library, operator_client):
    moe = user(library, "moe", is_superuser=True)
    mia = linked(library, "mia", role=Role.OPERATOR)

    page = text(operator_client.get(url("grant")))

    assert f"?user={moe}" in page
    assert url("change", mia.pk) in page
    assert "Administrator" in page


def test_a_moviepilot_user_is_given_a_role_before_it_signs_in(library, operator_client):
    pk = user(library, "moe")
    shown = operator_client.get(f"{url('grant')}?user={pk}")

    page = operator_client.post(f"{url('grant')}?user={pk}", {"role": "Operator"})

    moe = Operator.objects.get(username="moe")
    assert "it would have: no role" in text(shown)
    assert page.url == url("change", moe.pk)
    assert (moe.moviepilot_id, moe.moviepilot_name) == (pk, "moe")
    assert (moe.role, moe.follows_moviepilot) == (Role.OPERATOR, False)
    assert not moe.has_usable_password()
    assert events() == [
        (
            "role",
            "moe",
            {"before": "", "after": "Operator", "moviepilot_id": pk},
        )
    ]


def test_a_moviepilot_user_is_kept_out_before_it_signs_in(library, operator_client):
    pk = user(library, "moe", is_superuser=True)

    operator_client.post(f"{url('grant')}?user={pk}", {"role": ""})

    moe = Operator.objects.get(username="moe")
    assert (moe.role, moe.is_staff, moe.follows_moviepilot) == ("", False, False)


def test_a_role_is_given_to_who_has_a_name_that_somebody_else_had(
    library, operator_client
):
    gone = linked(library, "moe", role=Role.ADMINISTRATOR, is_superuser=True)
    user(library, "kept")  # SQLite would give the same id again
    library.execute('DELETE FROM "user" WHERE name = ?', "moe")
    pk = user(library, "moe")
    session = sign_in_elsewhere(gone)

    operator_client.post(f"{url('grant')}?user={pk}", {"role": "Viewer"})

    moe = Operator.objects.get(pk=gone.pk)
    assert (moe.moviepilot_id, moe.role) == (pk, Role.VIEWER)
    assert not moe.follows_moviepilot
    assert not is_inside(session)
    assert events()[-1][2]["before"] == "Administrator"


def test_who_cannot_be_given_a_role_is_said(library, operator_client):
    make_operator("moe", Role.VIEWER)
    mia = linked(library, "mia", role=Role.OPERATOR)
    long = user(library, "m" * 151)

    refused = [
        operator_client.post(f"{url('grant')}?user={pk}", {"role": "Viewer"})
        for pk in (user(library, "moe"), long)
    ]
    known = operator_client.get(f"{url('grant')}?user={mia.moviepilot_id}")
    unknown = [operator_client.get(f"{url('grant')}?user={n}") for n in ("0", "x")]

    assert [each.status_code for each in refused] == [422, 422]
    assert "A local operator has the same name." in text(refused[0])
    assert known.url == url("change", mia.pk)
    assert all("no such MoviePilot user" in text(each) for each in unknown)
    assert events() == []


def test_forms_without_a_token_are_refused(library, operator):
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator, "django.contrib.auth.backends.ModelBackend")

    assert save(client, operator, email="x@a.example").status_code == 403
    assert add(client).status_code == 403
    assert events() == []


def test_sessions_that_are_over_do_not_count(library, operator_client, operator):
    OperatorSession.objects.create(
        pk="over", session_data="", operator=operator, expire_date=timezone.now()
    )

    person = people.person(operator.pk)

    assert person.operator.session_count == sessions.sessions_of(operator).count()
