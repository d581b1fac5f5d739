"""Attempts to sign in: written down, counted, and refused unseen when too many."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.auth import signin_log, throttle
from core.auth.tests.support import (
    ELSEWHERE,
    HERE,
    add_user,
    is_signed_in,
    outcomes,
    request_from,
    sign_in,
    tried,
)
from core.models import Operator, Outcome, SignIn

pytestmark = pytest.mark.usefixtures("no_time_passes")

# --- One name


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 1), (6, 2), (8, 8), (14, 512), (15, 900), (40, 900)],
)
def test_each_failure_after_the_fifth_doubles_the_wait(console, failures, seconds):
    tried(address="", count=failures)

    assert throttle.wait_of_name("mila", HERE) == seconds
    assert throttle.wait_of_name("nora", HERE) == 0
    assert throttle.wait_of_name("Mila", HERE) == 0


def test_the_wait_passes(console):
    tried(count=8, ago=5)

    assert throttle.wait("mila", HERE) == 3
    SignIn.objects.update(created_at=timezone.now() - timedelta(seconds=9))
    assert throttle.wait("mila", HERE) == 0


def test_a_success_ends_the_wait(console):
    tried(count=9)
    tried(outcome=Outcome.SUCCESS)
    tried(count=4)

    assert throttle.wait("mila", HERE) == 0


def test_yesterdays_failures_are_forgotten(console):
    tried(count=30, ago=25 * 3600)

    assert throttle.wait("mila", HERE) == 0


@pytest.mark.parametrize(
    "outcome", [Outcome.PASSWORD_RIGHT, Outcome.THROTTLED, Outcome.SUCCESS]
)
def test_what_is_no_failure_does_not_count(console, outcome):
    tried(outcome=outcome, count=30)

    assert throttle.wait("mila", HERE) == 0


@pytest.mark.parametrize(
    "outcome",
    sorted({*Outcome} - {"success", "half", "throttled"}),
)
def test_everything_else_does(console, outcome):
    tried(outcome=outcome, count=6)

    assert throttle.wait("mila", HERE) == 2


def test_a_right_password_ends_no_wait(console):
    tried(outcome=Outcome.WRONG_CODE, count=6)
    tried(outcome=Outcome.PASSWORD_RIGHT)

    assert throttle.wait("mila", HERE) == 2


# --- At home and elsewhere


def test_strangers_do_not_lock_the_owner_out(console):
    tried(outcome=Outcome.SUCCESS, ago=20 * 24 * 3600)
    for number in range(30):
        tried(address=f"203.0.113.{number}")

    assert throttle.wait("mila", HERE) == 0
    assert throttle.wait("mila", ELSEWHERE) == 900


def test_failures_at_home_do_not_lock_out_elsewhere(console):
    tried(outcome=Outcome.SUCCESS)
    tried(count=7)

    assert throttle.wait("mila", HERE) == 4
    assert throttle.wait("mila", ELSEWHERE) == 0


def test_a_network_is_home_for_thirty_days(console):
    tried(outcome=Outcome.SUCCESS, ago=31 * 24 * 3600)
    tried(address=ELSEWHERE, count=7)

    assert throttle.wait("mila", HERE) == 4


# --- One network


@pytest.mark.parametrize(
    ("failures", "seconds"), [(19, 0), (20, 1), (22, 4), (29, 512), (50, 900)]
)
def test_each_failure_after_the_twentieth_of_a_network(console, failures, seconds):
    for number in range(failures):
        tried(f"name {number}")

    assert throttle.wait("another", HERE) == seconds
    assert throttle.wait("another", ELSEWHERE) == 0


def test_a_name_that_signs_in_from_a_network_is_not_locked_out_with_it(console):
    tried(outcome=Outcome.SUCCESS, ago=24 * 3600)
    for number in range(50):
        tried(f"name {number}")

    assert throttle.wait("mila", HERE) == 0
    assert throttle.wait("another", HERE) == 900
    tried(count=7)
    assert throttle.wait("mila", HERE) == 4


def test_ones_own_account_does_not_help_to_guess_others(console):
    for number in range(22):
        tried(f"name {number}")
        tried("own", outcome=Outcome.SUCCESS)

    assert throttle.wait("another", HERE) == 4


def test_who_gets_in_at_last_is_forgiven(console):
    for number in range(6):
        tried(f"name {number}", count=4)
        tried(f"name {number}", outcome=Outcome.SUCCESS)

    assert throttle.wait("another", HERE) == 0


@pytest.mark.parametrize(
    ("address", "other", "together"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "no address", True),
    ],
)
def test_a_network_is_an_address_or_64_bits_of_one(console, address, other, together):
    tried(address=address, count=30)

    seconds = throttle.wait_of_network(signin_log.address_of(request_from(other)))

    assert (seconds > 0) == together


# --- Unfinished attempts


def test_an_unfinished_attempt_counts(console):
    for _number in range(5):
        throttle.begin(request_from(), "mila")

    with pytest.raises(throttle.TooMany) as raised:
        throttle.begin(request_from(), "mila")
    assert raised.value.seconds == 1


# --- What is answered


@pytest.mark.parametrize("name", ["mila", "nobody"])
def test_a_throttled_attempt_is_refused_unseen(library, client, name):
    add_user(library)
    tried(name, address="127.0.0.1", count=10)

    response = sign_in(client, name)

    assert response.status_code == 429
    assert response["Retry-After"] == "32"
    assert f'value="{name}"' in response.content.decode()  # need not be typed anew
    assert "Wait 32 seconds" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert not is_signed_in(client)
    # A right password that was looked at would have made one.
    assert not Operator.objects.exists()
    assert outcomes()[-1] == Outcome.THROTTLED


def test_known_and_unknown_names_are_told_the_same(library, client):
    add_user(library)
    add_user(library, "disabled", is_active=False)
    Operator.objects.create_superuser("lee", password="synthetic-Local-1")
    answers = {}
    for name in ("mila", "lee", "disabled", "nobody"):
        tried(name, address=ELSEWHERE, count=8)
        answers[name] = sign_in(client, name, "wrong")

    # But for the name, which is shown as it was typed.
    pages = {
        body_of(answer).replace(f'value="{name}"', "")
        for name, answer in answers.items()
        if answer.status_code == 429
    }
    assert [answer.status_code for answer in answers.values()] == [429] * 4
    assert len(pages) == 1


def body_of(response):
    page = response.content.decode()
    token = str(response.context["csrf_token"])
    return page.replace(token, "")


def test_the_wait_lets_the_right_password_in_again(library, client):
    add_user(library)
    tried("mila", address="127.0.0.1", count=8)
    sign_in(client)
    assert not is_signed_in(client)

    SignIn.objects.update(created_at=timezone.now() - timedelta(seconds=9))
    sign_in(client)

    assert is_signed_in(client)
