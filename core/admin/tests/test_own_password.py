"""Changing one's own password."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.admin.own_password import OwnPasswordForm
from core.auth.tests.support import outcomes, tried
from core.models import AuditEvent, Operator
from core.models.signins import Outcome
from core.roles import Role
from core.tests.support.live import PASSWORD
from core.tests.support.people import client_of, make_operator

pytestmark = pytest.mark.usefixtures("sqlite_library")

NEW = "synthetic-Pass-2"


@pytest.fixture
def viewer(console):
    return make_operator("vera", Role.VIEWER)


def typed(old=PASSWORD):
    return {"old_password": old, "new_password1": NEW, "new_password2": NEW}


def test_it_is_changed_and_the_audit_log_says_so(viewer):
    page = client_of(viewer).post(reverse("admin:password_change"), typed())

    assert page.url == reverse("admin:password_change_done")
    assert Operator.objects.get(pk=viewer.pk).check_password(NEW)
    event = AuditEvent.objects.get()
    assert (event.operator, event.subject) == (viewer, "vera")
    assert event.detail == {"done": "own password changed"}


def test_a_guess_at_the_old_one_is_in_the_sign_in_log(viewer):
    url = reverse("admin:password_change")

    page = client_of(viewer).post(url, typed("synthetic-guess-1"))

    assert "This is not your password" in page.content.decode()
    assert outcomes() == [Outcome.WRONG]


def test_after_many_guesses_one_has_to_wait(viewer):
    tried("vera", count=14)

    page = client_of(viewer).post(reverse("admin:password_change"), typed())

    assert "too many attempts" in page.content.decode()
    assert outcomes()[-1] == Outcome.THROTTLED
    assert Operator.objects.get(pk=viewer.pk).check_password(PASSWORD)


def test_what_was_changed_meanwhile_stays(viewer, rf):
    request = rf.post("/", typed())
    form = OwnPasswordForm(request, user=viewer, data=request.POST)
    Operator.objects.filter(pk=viewer.pk).update(is_active=False, role="", totp_step=7)

    assert form.is_valid(), form.errors
    form.save()

    found = Operator.objects.get(pk=viewer.pk)
    assert (found.is_active, found.role, found.totp_step) == (False, "", 7)
    assert found.check_password(NEW)


def test_moviepilots_users_have_none_here(viewer):
    Operator.objects.filter(pk=viewer.pk).update(
        moviepilot_id=1, moviepilot_name="vera"
    )

    page = client_of(viewer).post(reverse("admin:password_change"), typed())

    assert page.url == reverse("admin:own_account")
    assert Operator.objects.get(pk=viewer.pk).check_password(PASSWORD)
