"""Operators of each role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import Permission
from django.test import Client

from core import roles
from core.models import Operator
from core.tests.support.live import PASSWORD

if TYPE_CHECKING:
    from core.roles import Role

BACKEND = "django.contrib.auth.backends.ModelBackend"


def make_operator(name: str, role: Role | None) -> Operator:
    """A local operator with the role; its password is PASSWORD."""
    operator = Operator.objects.create_user(name, password=PASSWORD)
    roles.give(operator, role)
    return operator


def person(*allowed: str, name: str = "pat") -> Operator:
    """Somebody without a role who holds just these permissions, by their codenames."""
    found = Operator.objects.create_user(name, is_staff=True)
    allow(found, *allowed)
    return found


def allow(operator: Operator, *more: str) -> None:
    """Give the operator more permissions."""
    operator.user_permissions.add(*Permission.objects.filter(codename__in=more))


def client_of(operator: Operator) -> Client:
    """A test client signed in as this operator."""
    client = Client()
    client.force_login(operator, backend=BACKEND)
    return client
