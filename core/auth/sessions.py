"""Sessions in a table that knows whose they are, from where, and when they were used.

A session ends when it is not used for a while, and some time after the sign-in in any
case. What the browser holds is nowhere kept: rows go by a digest of it, which a page
may show and nobody can sign in with.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import Error, IntegrityError, transaction
from django.utils import timezone

from core.auth.signin_log import address_of, agent_of
from core.models.signins import OperatorSession

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from core.models.operators import Operator

TOUCH = timedelta(minutes=1)
"""A session is written down as used at most so often."""
BATCH = 500
"""Expired sessions deleted in one transaction."""
logger = logging.getLogger(__name__)


@dataclass
class About:
    """What is known of a session besides what is in it."""

    started_at: dt.datetime = field(default_factory=timezone.now)
    seen_at: dt.datetime = field(default_factory=timezone.now)
    operator_id: int | None = None
    address: str | None = None
    agent: str = ""


class SessionStore(SessionBase):
    """The engine: one query to load a session, one to save it."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.about = About()

    def load(self) -> dict[str, Any]:
        """What is in the session; nothing once it has ended."""
        row = OperatorSession.objects.filter(
            pk=row_key(self.session_key or ""), expire_date__gt=timezone.now()
        ).first()
        if row is None:
            self._session_key = None
            return {}
        names = ("started_at", "seen_at", "operator_id", "address", "agent")
        self.about = About(**{name: getattr(row, name) for name in names})
        return self.decode(row.session_data)

    def exists(self, session_key: str) -> bool:
        """Whether there is a session of this key."""
        return OperatorSession.objects.filter(pk=row_key(session_key)).exists()

    def create(self) -> None:
        """Keep what is in the session under a new key."""
        while True:
            # Django's own, which its stubs leave out.
            key = self._get_new_session_key()  # type: ignore[attr-defined]
            self._session_key = key
            try:
                self.save(must_create=True)
            except CreateError:  # somebody else had the same luck in the same moment
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 Django's
        """Keep the session. Raises UpdateError where it was ended meanwhile."""
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        key, values = row_key(self.session_key), self._values(data)
        if not must_create:
            if not OperatorSession.objects.filter(pk=key).update(**values):
                raise UpdateError
            return None
        try:
            with transaction.atomic():
                OperatorSession(pk=key, **values).save(force_insert=True)
        except IntegrityError:
            if self.exists(self.session_key):
                raise CreateError from None
            raise
        return None

    def delete(self, session_key: str | None = None) -> None:
        """End this session, or that of the key."""
        if key := session_key or self.session_key:
            OperatorSession.objects.filter(pk=row_key(key)).delete()

    def flush(self) -> None:
        """End the session; what comes next is another one."""
        super().flush()
        self.about = About()

    def cycle_key(self) -> None:
        """Go on under a new key. Raises SessionInterrupted where it was ended."""
        self.keys()  # loads it
        old, self._session_key = self.session_key, None
        if old:
            gone, _by_table = OperatorSession.objects.filter(pk=row_key(old)).delete()
            # Not brought back to life by a request that had loaded it before.
            if not gone and self.about.operator_id:
                raise SessionInterrupted
        self.create()

    @classmethod
    def clear_expired(cls) -> None:
        """Delete all sessions that have ended."""
        while clear_some() == BATCH:
            pass

    def begin(self, request: HttpRequest) -> None:
        """Somebody signed in: the session is new from here on."""
        if self.about.operator_id:  # was signed in already, so nobody changed the key
            self.cycle_key()
        self.about = About(address=address_of(request) or None, agent=agent_of(request))
        self.modified = True

    def touch(self) -> None:
        """Put the end off, as the session is in use; never brings back an ended one."""
        now = timezone.now()
        if self.session_key is None or now - self.about.seen_at < TOUCH:
            return
        row = OperatorSession.objects.filter(pk=row_key(self.session_key))
        try:
            row.update(seen_at=now, expire_date=end_of(self.about.started_at, now))
        except Error:  # such as a full disk, on which pages can still be read
            logger.exception("A session could not be written down as used.")

    def get_expiry_date(self, **kwargs: Any) -> dt.datetime:
        """When it ends if it is not used again."""
        wanted: dt.datetime = super().get_expiry_date(**kwargs)
        return min(wanted, end_of(self.about.started_at, self.about.seen_at))

    def _values(self, data: dict[str, Any]) -> dict[str, Any]:
        """The columns of its row."""
        self.about.seen_at = timezone.now()
        self.about.operator_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return {
            **vars(self.about),
            "session_data": self.encode(data),
            "expire_date": self.get_expiry_date(),
        }


def row_key(session_key: str) -> str:
    """The key of its row: the session key has too much chance in it to be guessed."""
    return hashlib.sha256(session_key.encode(errors="replace")).hexdigest()[:40]


def end_of(started_at: dt.datetime, seen_at: dt.datetime) -> dt.datetime:
    """The nearer of both limits."""
    latest = started_at + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return min(latest, seen_at + timedelta(seconds=settings.SESSION_IDLE_AGE))


def signed_in(*, request: HttpRequest, **_signal: Any) -> None:
    """Receives user_logged_in: a sign-in begins a session, and clears old ones away."""
    session = request.session
    if isinstance(session, SessionStore):
        session.begin(request)
    clear_some()


def clear_some() -> int:
    """Delete a few sessions that have ended; returns how many."""
    ended = OperatorSession.objects.filter(expire_date__lte=timezone.now())
    keys = [*ended.order_by("expire_date").values_list("pk", flat=True)[:BATCH]]
    if keys:
        OperatorSession.objects.filter(pk__in=keys).delete()
    return len(keys)


def sessions_of(operator: Operator) -> QuerySet[OperatorSession]:
    """Where the operator is signed in, last used first."""
    alive = OperatorSession.objects.filter(
        operator=operator, expire_date__gt=timezone.now()
    )
    return alive.defer("session_data").order_by("-seen_at", "pk")


def end_one(operator: Operator, row: str) -> bool:
    """End a session of the operator by its row's key; whether there was one."""
    found = OperatorSession.objects.filter(operator=operator, pk=row)
    return bool(found.delete()[0])


def end_all(operator: Operator, except_key: str | None = None) -> int:
    """Sign the operator out everywhere, but for this session key; returns how often."""
    found = OperatorSession.objects.filter(operator=operator)
    if except_key:
        found = found.exclude(pk=row_key(except_key))
    return int(found.delete()[0])
