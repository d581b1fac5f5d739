"""MoviePilot users to sign in as, and the ways through the pages of signing in."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import bcrypt
import pyotp
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from core import roles
from core.auth import pending, signin_log
from core.models import Operator, Outcome, SignIn
from core.roles import Role

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.test import Client

    from core.tests.support.libraries import Library

PASSWORD = "synthetic-Word-7"
BACKEND = "core.auth.backend.MoviePilotBackend"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""A synthetic one, as MoviePilot makes them."""
LOCAL_PASSWORD = "synthetic-Local-1"
LOGIN, CODE, BACK, HOME = "/login/", "/login/code/", "/login/back/", "/"
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
MANAGER = '{"manage": true}'


def hashed(password: str = PASSWORD, ident: bytes = b"$2b$") -> str:
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4))
    return (ident + made[4:]).decode()


def add_user(library: Library, name: str = "mila", **values: Any) -> int:
    """A superuser of MoviePilot, unless something else is said."""
    values = {"is_active": True, "is_superuser": True, **values}
    values.setdefault("hashed_password", hashed())
    return library.insert("user", name=name, **values)


def add_coded_user(library: Library, name: str = "mila", **values: Any) -> int:
    """One who is asked for one-time codes."""
    return add_user(library, name, **{"is_otp": True, "otp_secret": SECRET, **values})


def add_passkey(library: Library, pk: int, **values: Any) -> int:
    values = {"credential_id": "c", "public_key": "k", "is_active": True, **values}
    return library.insert("passkey", user_id=pk, **values)


def code(steps: int = 0, secret: str = SECRET) -> str:
    """Now's code, or that of so many steps later."""
    return pyotp.TOTP(secret).at(time.time(), counter_offset=steps)


def sign_in(
    client: Client, name: str = "mila", password: str = PASSWORD, **more: Any
) -> HttpResponse:
    form = {"username": name, "password": password, "next": "/", **more}
    return client.post(reverse("admin:login"), form)


def send_code(client: Client, typed: str, **more: Any) -> HttpResponse:
    return client.post(reverse("admin:login_code"), {"code": typed, **more})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def reason(response: HttpResponse) -> str:
    assert response.status_code == 200, response
    (error,) = response.context["form"].non_field_errors().as_data()
    return str(error.code)


def refusal(client: Client, name: str = "mila", password: str = PASSWORD) -> str:
    """What somebody is told who may not sign in."""
    return reason(sign_in(client, name, password))


def outcomes() -> list[Outcome]:
    """What the sign-in log says, the oldest first."""
    return [*SignIn.objects.order_by("pk").values_list("outcome", flat=True)]


def prepare(pk: int, role: Role | None, name: str = "mila", **values: Any) -> Operator:
    """What an administrator does for a MoviePilot user who never signed in."""
    operator = Operator(
        username=name, moviepilot_id=pk, follows_moviepilot=False, **values
    )
    operator.set_unusable_password()
    roles.give(operator, role)
    return operator


def make_local(name: str = "lee", **values: Any) -> Operator:
    operator = Operator.objects.create_user(name, password=LOCAL_PASSWORD, **values)
    roles.give(operator, Role.OPERATOR)
    return operator


def told(response: HttpResponse) -> str:
    """What a page says that is no redirect and no error."""
    assert response.status_code == 200, response
    return response.content.decode()


def change_mark(client: Client, **values: Any) -> None:
    """Let the session say something else of the password that was right."""
    session = client.session
    session[pending.KEY] = {**session[pending.KEY], **values}
    session.save()


def request_from(address: str = HERE) -> HttpRequest:
    factory = RequestFactory(HTTP_USER_AGENT="synthetic browser", REMOTE_ADDR=address)
    return factory.post("/")


def tried(
    name: str = "mila",
    address: str = HERE,
    outcome: Outcome = Outcome.WRONG,
    *,
    count: int = 1,
    ago: int = 0,
) -> None:
    """Write down attempts of some seconds ago."""
    for _number in range(count):
        row = signin_log.attempt(request_from(address), name)
        signin_log.finish(row, outcome)
        row.created_at = timezone.now() - timedelta(seconds=ago)
        row.save()
