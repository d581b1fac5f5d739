"""How long one has to wait after wrong attempts to sign in.

Attempts are counted in the sign-in log, by name and by network. One counts from before
it is looked at, so that many guesses at the same moment count too.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.utils import timezone

from core.auth import signin_log
from core.models.signins import Outcome, SignIn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpRequest

FREE_OF_A_NAME = 5
"""Failures of one name after which one has to wait."""
FREE_OF_A_NETWORK = 20
LONGEST = 15 * 60
"""Seconds."""
DOUBLINGS = 10
"""More make no longer wait: 2¹⁰ s are more than the longest."""
COUNTED_FOR = timedelta(hours=24)
AT_HOME_FOR = timedelta(days=30)
UNCOUNTED = (Outcome.PASSWORD_RIGHT, Outcome.THROTTLED)


class TooMany(Exception):
    """There were too many wrong attempts; `seconds` until the next is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def begin(request: HttpRequest, name: str) -> SignIn:
    """Write down an attempt that may be looked at. Raises TooMany for another."""
    address = signin_log.address_of(request)
    _refuse(request, name, wait_of_name(name, address))
    _refuse(request, name, wait_of_network(address, name), is_flooded=True)
    tried = signin_log.attempt(request, name)
    # Once more: of many at the same moment each now sees those before it.
    seconds = wait(name, address, besides=tried)
    if seconds:
        signin_log.withdraw(tried)
        _refuse(request, name, seconds)
    return tried


def wait(name: str, address: str, *, besides: SignIn | None = None) -> int:
    """Seconds until an attempt with this name from there is looked at; 0 is now.

    `besides` is the attempt in question, which does not count itself.
    """
    return max(
        wait_of_name(name, address, besides=besides),
        wait_of_network(address, name, besides=besides),
    )


def wait_of_name(name: str, address: str, *, besides: SignIn | None = None) -> int:
    """Seconds to wait for what was tried with this name.

    A network that the name signed in from is counted apart, so that nobody elsewhere
    can lock its owner out.
    """
    network, key = signin_log.network_of(address), signin_log.key_of(name)
    home = _home_of(key)
    rows = _counted(besides).filter(name_key=key)
    rows = (
        rows.filter(network=network)
        if network in home
        else rows.exclude(network__in=home)
    )
    failures = []
    for outcome, moment in _newest(rows, FREE_OF_A_NAME):
        if outcome == Outcome.SUCCESS:
            break
        failures.append(moment)
    return _seconds(failures, FREE_OF_A_NAME)


def wait_of_network(
    address: str, name: str = "", *, besides: SignIn | None = None
) -> int:
    """Seconds to wait for what was tried from this network.

    A failure is forgotten when the same name signs in from there: one's own account
    makes nobody else's guesses forgotten. A name that signs in from there is counted by
    itself alone: behind a proxy that nobody told of, all the world is one network.
    """
    network = signin_log.network_of(address)
    if name and network in _home_of(signin_log.key_of(name)):
        return 0
    later = SignIn.objects.filter(
        name_key=OuterRef("name_key"),
        network=network,
        outcome=Outcome.SUCCESS,
        created_at__gte=OuterRef("created_at"),
    )
    rows = _counted(besides).filter(network=network).exclude(Exists(later))
    moments = [moment for _outcome, moment in _newest(rows, FREE_OF_A_NETWORK)]
    return _seconds(moments, FREE_OF_A_NETWORK)


def _refuse(
    request: HttpRequest, name: str, seconds: int, *, is_flooded: bool = False
) -> None:
    if seconds:
        signin_log.throttled(request, name, is_flooded=is_flooded)
        raise TooMany(seconds)


def _home_of(key: str) -> list[str]:
    """The networks from which a name signed in lately."""
    since = timezone.now() - AT_HOME_FOR
    found = SignIn.objects.filter(
        name_key=key, outcome=Outcome.SUCCESS, created_at__gt=since
    )
    return [*found.order_by().values_list("network", flat=True).distinct()]


def _counted(besides: SignIn | None) -> QuerySet[SignIn]:
    since = timezone.now() - COUNTED_FOR
    rows = SignIn.objects.filter(created_at__gt=since).exclude(outcome__in=UNCOUNTED)
    return rows.exclude(pk=besides.pk) if besides else rows


def _newest(rows: QuerySet[SignIn], free: int) -> Iterable[tuple[str, datetime]]:
    newest = rows.order_by("-created_at", "-pk")
    return newest.values_list("outcome", "created_at")[: free + DOUBLINGS]


def _seconds(failures: list[datetime], free: int) -> int:
    """Seconds left of the wait after these failures, the newest first."""
    if len(failures) < free:
        return 0
    whole = min(1 << (len(failures) - free), LONGEST)
    passed = (timezone.now() - failures[0]).total_seconds()
    return max(0, min(ceil(whole - passed), whole))
