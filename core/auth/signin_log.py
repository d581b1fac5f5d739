"""The sign-in log: who tried to sign in, when, from where, and what came of it."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import Error as DatabaseError
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.auth.proxies import parsed
from core.models import Operator, User
from core.models.signins import Outcome, SignIn

if TYPE_CHECKING:
    from django.http import HttpRequest

KEPT_FOR = timedelta(days=400)
PRUNE_EVERY = 50
"""Attempts between two looks for rows that are too old."""
PRUNED_AT_ONCE = 1_000
LONGEST_AGENT = SignIn._meta.get_field("agent").max_length
ONE_LINE_IN = timedelta(minutes=1)
"""Attempts that were refused unseen are logged no more often."""


def attempt(request: HttpRequest, name: str) -> SignIn:
    """Write down that somebody tries to sign in, before what was typed is looked at."""
    made = _write(request, name, Outcome.TRIED)
    if made.pk % PRUNE_EVERY == 0:
        prune()
    return made


def finish(tried: SignIn, outcome: Outcome, operator: Operator | None = None) -> None:
    """Write down what came of an attempt."""
    tried.outcome, tried.operator = outcome, operator
    tried.save(update_fields=["outcome", "operator"])


def throttled(request: HttpRequest, name: str, *, is_flooded: bool) -> None:
    """Write down that an attempt was refused unseen: once a minute.

    From a network that is `is_flooded` whatever the name, or new names would make the
    log grow without end.
    """
    recent = SignIn.objects.filter(
        outcome=Outcome.THROTTLED,
        network=network_of(address_of(request)),
        created_at__gt=timezone.now() - ONE_LINE_IN,
    )
    if not is_flooded:
        recent = recent.filter(name_key=key_of(name))
    if not recent.exists():
        _write(request, name, Outcome.THROTTLED)


def withdraw(tried: SignIn) -> None:
    """Forget an attempt: what it typed was not looked at after all."""
    tried.delete()


def prune() -> int:
    """Delete some of the rows that are too old; how many there were."""
    old = SignIn.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    some = [*old.order_by("created_at").values_list("pk", flat=True)[:PRUNED_AT_ONCE]]
    return SignIn.objects.filter(pk__in=some).delete()[0] if some else 0


def key_of(name: str) -> str:
    """By which the attempts of a name are counted; tells nobody the name."""
    text = name.encode("utf-8", "surrogatepass")
    return salted_hmac("core.auth.signin_log", text, algorithm="sha256").hexdigest()


def address_of(request: HttpRequest) -> str:
    """The client's address; "" for one that is none, as on a Unix socket."""
    address = parsed(request.META.get("REMOTE_ADDR", ""))
    return "" if address is None else str(address)


def agent_of(request: HttpRequest) -> str:
    """What the browser says of itself, as far as there is room to keep it."""
    agent: str = request.META.get("HTTP_USER_AGENT", "")
    text = agent.encode("utf-8", "replace").decode().replace("\0", "")
    return text[:LONGEST_AGENT]


def network_of(address: str) -> str:
    """By which attempts are counted: an IPv4 address, or the /64 of an IPv6 one.

    Whoever has one IPv6 address has the whole /64.
    """
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


def can_be_stored(text: str) -> bool:
    """Whether a database can be asked for this text at all."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _write(request: HttpRequest, name: str, outcome: Outcome) -> SignIn:
    address = address_of(request)
    made: SignIn = SignIn.objects.create(
        name=name[:255] if _is_known(name) else "",
        name_key=key_of(name),
        address=address or None,
        network=network_of(address),
        agent=agent_of(request),
        outcome=outcome,
    )
    return made


def _is_known(name: str) -> bool:
    """Whether an account has exactly this name; another may be a password."""
    if not can_be_stored(name):
        return False
    # Both in any case, or the time would tell.
    here = Operator.objects.filter(username=name).exists()
    try:
        there = bool(User.objects.first_two(("id",), name=name))
    except DatabaseError:
        there = False
    return here or there
