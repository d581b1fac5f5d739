"""Signing in with a passkey: MoviePilot's as MoviePilot asks for them, and the local
operators' own.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import UnsupportedAlgorithm
from django.db import Error as DatabaseError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from webauthn import (
    generate_authentication_options,
    verify_authentication_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_authenticator_data,
    parse_client_data_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

from core.auth import relying_party
from core.changes import InvalidValues, RecordGone, RecordMoved, RecordRefused
from core.config import settings
from core.models import OperatorPassKey, PassKey
from core.redaction import error_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpRequest
    from webauthn.helpers.structs import AuthenticationCredential

    from core.auth.relying_party import RelyingParty
    from core.models import Operator

REASON = _("Signed in with a passkey")
"""What the change set says."""
LONGEST_ANSWER = 64 * 1024
UNREADABLE = (
    WebAuthnException,
    UnsupportedAlgorithm,
    # What the library and what it stands on raise for bytes that are something else.
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
TRANSPORTS = {each.value: each for each in AuthenticatorTransport}
TIMEOUT = 180_000
"""Milliseconds the browser gives somebody to find the key."""
logger = logging.getLogger(__name__)


class Refusal(models.TextChoices):
    """Why a passkey did not open the door. Told only after a right password."""

    STALE = "stale", _("This page was too old, or sent twice. Try once more.")
    UNKNOWN = (
        "unknown",
        _("This passkey belongs to another account, or is no longer active."),
    )
    ORIGIN = (
        "origin",
        _(
            "The passkey was used on a page of another address than this console"
            " expects."
        ),
    )
    UNVERIFIED = (
        "unverified",
        _("The passkey must ask for your PIN, fingerprint or face, and did not."),
    )
    COUNTER = (
        "counter",
        _(
            "The passkey's counter did not go on from where it stood: it was used"
            " elsewhere at the same moment, or there is a copy of it."
        ),
    )
    INVALID = "invalid", _("The passkey was not accepted.")
    UNWRITABLE = (
        "unwritable",
        _(
            "MoviePilot's database cannot be written at the moment, so nobody can sign"
            " in with a passkey: its use has to be noted there."
        ),
    )


class Refused(Exception):
    """The passkey was refused."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class Credential:
    """A passkey that may be used, and the row that keeps it."""

    row: PassKey | OperatorPassKey
    id: bytes
    public_key: bytes
    sign_count: int

    @property
    def descriptor(self) -> PublicKeyCredentialDescriptor:
        """What the browser is told of it."""
        names = (self.row.transports or "").split(",")
        known = [
            TRANSPORTS[name.strip()] for name in names if name.strip() in TRANSPORTS
        ]
        return PublicKeyCredentialDescriptor(id=self.id, transports=known or None)


@dataclass(frozen=True)
class Asked:
    """What the browser was asked for."""

    party: RelyingParty
    challenge: bytes


def credentials_of(operator: Operator) -> list[Credential]:
    """The passkeys the operator may sign in with; what is stored broken left out."""
    if operator.moviepilot_id is None:
        return [*_readable(operator.passkeys.order_by("pk"))]
    return [*_readable(PassKey.objects.of_user(operator.moviepilot_id).active())]


def user_handle(operator: Operator) -> bytes:
    """Whose passkey it is, as the authenticator keeps it.

    MoviePilot's is the decimal id of its user. The console's own never looks like that:
    both may stand on one authenticator, for one host.
    """
    if operator.moviepilot_id is None:
        return f"mpadmin-operator-{operator.pk}".encode()
    return str(operator.moviepilot_id).encode()


def sign_in_options(request: HttpRequest, operator: Operator) -> dict[str, Any]:
    """What navigator.credentials.get() is to be called with, with a new challenge.

    Raises DatabaseError when MoviePilot's passkeys cannot be read.
    """
    credentials = credentials_of(operator)
    party = relying_party.for_operator(request, operator)
    needed = UserVerificationRequirement.REQUIRED
    wished = UserVerificationRequirement.PREFERRED
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=relying_party.new_challenge(request, _purpose(operator)),
        timeout=TIMEOUT,
        allow_credentials=[each.descriptor for each in credentials],
        user_verification=needed if _needs_verification(operator) else wished,
    )
    return options_to_json_dict(options)


def verify(request: HttpRequest, operator: Operator, answer: str) -> None:
    """Check the browser's answer, and keep that the passkey was used.

    Raises Refused. The challenge is spent in any case.
    """
    challenge = relying_party.taken_challenge(request, _purpose(operator))
    try:
        if challenge is None:
            raise Refused(Refusal.STALE)
        given = _parsed(answer)
        credential = _find(operator, given)
        asked = Asked(relying_party.for_operator(request, operator), challenge)
        counted = _verified(asked, given, credential, _needs_verification(operator))
        _note_use(operator, credential, counted)
    except Refused as refused:
        logger.warning("A passkey of %r was refused: %s", str(operator), refused)
        raise


def _purpose(operator: Operator) -> str:
    return f"sign-in {operator.pk}"


def _needs_verification(operator: Operator) -> bool:
    """Whether a PIN or the like is demanded: of a local operator it comes after the
    password, and may be a plain security key.
    """
    return operator.is_linked and settings.PASSKEY_REQUIRE_UV


def _readable(rows: Iterable[PassKey | OperatorPassKey]) -> Iterator[Credential]:
    for row in rows:
        id_, public_key = decoded(row.credential_id), decoded(row.public_key)
        # SQLite keeps in a column of numbers whatever MoviePilot is given.
        counted = 0 if row.sign_count is None else row.sign_count
        if id_ and public_key and isinstance(counted, int):
            yield Credential(row, id_, public_key, counted)


def decoded(text: object) -> bytes | None:
    """The bytes of base64url with or without padding; None where it is none."""
    plain = text.rstrip("=") if isinstance(text, str) else ""
    if not BASE64URL.fullmatch(plain) or len(plain) % 4 == 1:
        return None
    return base64url_to_bytes(plain)


def _parsed(answer: str) -> AuthenticationCredential:
    """Raises Refused."""
    if len(answer) > LONGEST_ANSWER:
        raise Refused(Refusal.INVALID)
    try:
        return parse_authentication_credential_json(answer)
    except UNREADABLE:
        raise Refused(Refusal.INVALID) from None


def _find(operator: Operator, given: AuthenticationCredential) -> Credential:
    """The operator's passkey that answered. Raises Refused."""
    try:
        found = [each for each in credentials_of(operator) if each.id == given.raw_id]
    except DatabaseError:
        raise Refused(Refusal.UNWRITABLE) from None
    handle = given.response.user_handle
    if len(found) != 1 or (handle and handle != user_handle(operator)):
        raise Refused(Refusal.UNKNOWN)
    return found[0]


def _verified(
    asked: Asked,
    given: AuthenticationCredential,
    credential: Credential,
    needs_verification: bool,  # noqa: FBT001  only ever the name it has here
) -> int:
    """What the authenticator has counted. Raises Refused."""
    try:
        verified = verify_authentication_response(
            credential=given,
            expected_challenge=asked.challenge,
            expected_rp_id=asked.party.id,
            expected_origin=asked.party.origins,
            credential_public_key=credential.public_key,
            credential_current_sign_count=credential.sign_count,
            require_user_verification=needs_verification,
        )
        # The library takes an answer that a page gave inside a frame of another site.
        if parse_client_data_json(given.response.client_data_json).cross_origin:
            raise Refused(Refusal.ORIGIN)
    except UNREADABLE:
        why = _why(asked, given, credential, needs_verification)
        raise Refused(why) from None
    return verified.new_sign_count


def _why(
    asked: Asked,
    given: AuthenticationCredential,
    credential: Credential,
    needs_verification: bool,  # noqa: FBT001
) -> Refusal:
    """What to say of an answer that did not hold; it may be forged altogether."""
    try:
        client = parse_client_data_json(given.response.client_data_json)
        said = parse_authenticator_data(given.response.authenticator_data)
    except UNREADABLE:
        return Refusal.INVALID
    if client.challenge != asked.challenge:
        return Refusal.STALE
    if client.origin not in asked.party.origins:
        return Refusal.ORIGIN
    if needs_verification and not said.flags.uv:
        return Refusal.UNVERIFIED
    if 0 < credential.sign_count >= said.sign_count:
        return Refusal.COUNTER
    return Refusal.INVALID


def _note_use(operator: Operator, credential: Credential, counted: int) -> None:
    """Keep what the authenticator counted. Raises Refused.

    Of two who answer at the same moment with the same number, one gets in.
    """
    row = credential.row
    if isinstance(row, OperatorPassKey):
        same = OperatorPassKey.objects.filter(pk=row.pk, sign_count=row.sign_count)
        if not same.update(sign_count=counted, last_used_at=timezone.now()):
            raise Refused(Refusal.COUNTER)
        return
    try:
        PassKey.objects.note_use(row, counted, by=operator, reason=str(REASON))
    except (RecordGone, RecordMoved):
        raise Refused(Refusal.COUNTER) from None
    except (InvalidValues, RecordRefused, DatabaseError) as error:
        logger.warning("The use of a passkey was not noted: %s", error_line(error))
        raise Refused(Refusal.UNWRITABLE) from None
