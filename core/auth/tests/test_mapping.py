"""Which role a MoviePilot user has here."""

import pytest

from core.auth.accounts import Refusal
from core.auth.backend import MoviePilotBackend
from core.auth.tests.support import (
    MANAGER,
    PASSWORD,
    add_user,
    is_signed_in,
    prepare,
    refusal,
    sign_in,
)
from core.models import AuditEvent, Operator
from core.roles import Role
from core.schema import forget_columns


def role_after_sign_in(name="mila"):
    """The role of who signs in now; None for who may not."""
    operator = MoviePilotBackend().authenticate(None, name, PASSWORD)
    if operator is not None:
        groups = operator.groups.values_list("name", flat=True)
        assert [*groups] == [operator.role]
        assert (operator.is_staff, operator.is_superuser) == (True, False)
    return operator and operator.role


@pytest.mark.parametrize(
    ("values", "role"),
    [
        ({}, Role.ADMINISTRATOR),
        ({"permissions": "{}"}, Role.ADMINISTRATOR),
        ({"is_superuser": False, "permissions": MANAGER}, Role.OPERATOR),
        ({"is_superuser": None, "permissions": MANAGER}, Role.OPERATOR),
        ({"is_superuser": False, "permissions": None}, None),
        ({"is_superuser": False, "permissions": "null"}, None),
        ({"is_superuser": False, "permissions": "{}"}, None),
        ({"is_superuser": False, "permissions": "[]"}, None),
        ({"is_superuser": False, "permissions": "1"}, None),
        ({"is_superuser": False, "permissions": '"manage"'}, None),
        ({"is_superuser": False, "permissions": '{"manage": false}'}, None),
        ({"is_superuser": False, "permissions": '{"manage": null}'}, None),
        ({"is_superuser": False, "permissions": '{"manage": 1}'}, None),
        ({"is_superuser": False, "permissions": '{"manage": "true"}'}, None),
        ({"is_superuser": False, "permissions": '{"search": true}'}, None),
    ],
)
def test_the_role_goes_with_the_rights_in_moviepilot(library, values, role):
    add_user(library, **values)

    assert role_after_sign_in() == role


@pytest.mark.parametrize("stored", ["{broken", "", b"\x00\xff"])
def test_permissions_that_are_no_json_give_nothing(sqlite_library, stored):
    add_user(sqlite_library, is_superuser=False, permissions=stored)

    assert role_after_sign_in() is None


@pytest.mark.parametrize("column", ["is_active", "is_superuser"])
@pytest.mark.parametrize("stored", ["true", "yes", 2, b"1"])
def test_what_is_not_true_is_not(sqlite_library, column, stored):
    add_user(sqlite_library, **{column: stored})

    assert role_after_sign_in() is None


def test_another_right_in_moviepilot_is_another_role_at_the_next_sign_in(library):
    pk = add_user(library)
    role_after_sign_in()

    library.update("user", pk, is_superuser=False, permissions=MANAGER)
    assert role_after_sign_in() == Role.OPERATOR
    library.update("user", pk, permissions="{}")
    assert role_after_sign_in() is None

    operator = Operator.objects.get()
    assert (operator.role, operator.is_staff) == ("", False)
    assert not operator.groups.exists()
    told = AuditEvent.objects.order_by("pk").values_list("detail", flat=True)
    assert [(each["before"], each["after"]) for each in told] == [
        ("", "Administrator"),
        ("Administrator", "Operator"),
        ("Operator", ""),
    ]


def test_an_operator_of_before_roles_loses_the_superusers_rights(library):
    pk = add_user(library, is_superuser=False, permissions=MANAGER)
    Operator.objects.create(
        username="mila",
        moviepilot_id=pk,
        moviepilot_name="mila",
        is_staff=True,
        is_superuser=True,
    )

    assert role_after_sign_in() == Role.OPERATOR


@pytest.mark.parametrize("known_as", ["", "mila"])
@pytest.mark.parametrize("values", [{}, {"is_superuser": False}])
def test_a_role_given_beforehand_is_taken_up(library, values, known_as):
    pk = add_user(library, **values)
    prepared = prepare(pk, Role.VIEWER, moviepilot_name=known_as)

    assert role_after_sign_in() == Role.VIEWER
    operator = Operator.objects.get()
    assert (operator.pk, operator.moviepilot_name) == (prepared.pk, "mila")
    assert MoviePilotBackend().get_user(operator.pk) == operator


def test_who_was_given_no_role_stays_out(library, client):
    pk = add_user(library)
    prepare(pk, None)

    assert refusal(client) == Refusal.NO_ROLE


@pytest.mark.parametrize("values", [{}, {"is_superuser": False}])
def test_a_role_is_not_handed_to_another_user_of_the_name(library, values):
    pk = add_user(library, **values)
    prepare(pk + 1, Role.SITE_KEEPER)

    mapped = None if values else Role.ADMINISTRATOR
    assert role_after_sign_in() == mapped
    assert Operator.objects.get().follows_moviepilot
    # Not even when the id comes back.
    Operator.objects.update(moviepilot_id=pk)
    assert role_after_sign_in() == mapped


def test_a_role_is_not_handed_to_a_renamed_user_of_the_id(library):
    pk = add_user(library, is_superuser=False)
    prepare(pk, Role.SITE_KEEPER, moviepilot_name="nora")

    assert role_after_sign_in() is None


def test_a_given_role_does_not_help_who_is_disabled(library, client):
    pk = add_user(library, is_active=False)
    prepare(pk, Role.ADMINISTRATOR)

    assert refusal(client) == Refusal.INACTIVE


def test_an_operator_renamed_here_is_found_by_its_account(library):
    add_user(library)
    role_after_sign_in()
    Operator.objects.update(username="somebody")

    assert role_after_sign_in() == Role.ADMINISTRATOR
    assert Operator.objects.get().username == "somebody"


def test_a_used_code_stays_used_after_another_sign_in(library):
    add_user(library)
    role_after_sign_in()
    Operator.objects.update(totp_step=7)

    role_after_sign_in()

    assert Operator.objects.get().totp_step == 7


@pytest.mark.parametrize("columns", ["is_otp otp_secret", "permissions settings"])
def test_a_database_of_before_some_columns_does(library, client, columns):
    add_user(library)
    for name in columns.split():
        library.execute(f'ALTER TABLE "user" DROP COLUMN {name}')
    forget_columns()

    sign_in(client)

    assert is_signed_in(client)
