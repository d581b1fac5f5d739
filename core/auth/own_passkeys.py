"""Adding a passkey to a local operator's account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from webauthn import generate_registration_options, verify_registration_response
from webauthn.helpers import (
    bytes_to_base64url,
    options_to_json_dict,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from core.auth import relying_party
from core.auth.passkeys import (
    LONGEST_ANSWER,
    TIMEOUT,
    UNREADABLE,
    Refusal,
    Refused,
    credentials_of,
    user_handle,
)
from core.models import AuditEvent, OperatorPassKey
from core.models.audit import AuditKind

if TYPE_CHECKING:
    from django.http import HttpRequest
    from webauthn.helpers.structs import RegistrationCredential
    from webauthn.registration.verify_registration_response import VerifiedRegistration

    from core.models import Operator

ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
"""MoviePilot's two."""
LONGEST_ID = 1023
"""Bytes, says WebAuthn."""
MOST = 20
"""Passkeys of one operator."""


def options(request: HttpRequest, operator: Operator) -> dict[str, Any]:
    """What navigator.credentials.create() is to be called with, with a new challenge.

    To be handed out after the password only: whoever answers may add a passkey.
    """
    made = generate_registration_options(
        rp_id=relying_party.own_id(request),
        rp_name="mpadmin",
        user_name=operator.get_username(),
        user_id=user_handle(operator),
        challenge=relying_party.new_challenge(request, _purpose(operator)),
        timeout=TIMEOUT,
        exclude_credentials=[each.descriptor for each in credentials_of(operator)],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            # It comes after the password, so a plain security key will do.
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        supported_pub_key_algs=ALGORITHMS,
    )
    return options_to_json_dict(made)


def add(request: HttpRequest, operator: Operator, answer: str, name: str) -> None:
    """Keep the passkey that the browser made. Raises Refused."""
    challenge = relying_party.taken_challenge(request, _purpose(operator))
    if challenge is None:
        raise Refused(Refusal.STALE)
    if len(answer) > LONGEST_ANSWER or operator.passkeys.count() >= MOST:
        raise Refused(Refusal.INVALID)
    party = relying_party.for_operator(request, operator)
    try:
        given = parse_registration_credential_json(answer)
        client = parse_client_data_json(given.response.client_data_json)
        if client.origin not in party.origins or client.cross_origin:
            raise Refused(Refusal.ORIGIN)
        verified = verify_registration_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origins,
            supported_pub_key_algs=ALGORITHMS,
        )
    except UNREADABLE:
        raise Refused(Refusal.INVALID) from None
    if len(verified.credential_id) > LONGEST_ID:
        raise Refused(Refusal.INVALID)
    _keep(operator, verified, given, name)


def _purpose(operator: Operator) -> str:
    return f"register {operator.pk}"


def _keep(
    operator: Operator,
    verified: VerifiedRegistration,
    given: RegistrationCredential,
    name: str,
) -> None:
    known = given.response.transports or ()
    transports = dict.fromkeys(each.value for each in known)
    by, done = operator, "passkey added"
    try:
        with transaction.atomic():
            AuditEvent.objects.record(
                AuditKind.OPERATOR, str(operator), by=by, done=done, passkey=name
            )
            OperatorPassKey.objects.create(
                operator=operator,
                credential_id=bytes_to_base64url(verified.credential_id),
                public_key=bytes_to_base64url(verified.credential_public_key),
                sign_count=verified.sign_count,
                name=name,
                transports=",".join(transports),
            )
    except IntegrityError:  # another account of the console has it
        raise Refused(Refusal.UNKNOWN) from None
