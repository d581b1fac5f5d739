"""An authenticator in software: it makes passkeys and signs with them as browsers and
security keys do.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.tests.support.libraries import Library

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
AAGUID = bytes(16)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def es256() -> Key:
    """A new key of the kind most authenticators make."""
    return ec.generate_private_key(ec.SECP256R1())


def rs256() -> Key:
    """A new key of the kind Windows makes."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Authenticator:
    """One passkey. What it signs can be bent by assigning to its attributes."""

    rp_id: str = "localhost"
    origin: str = "http://localhost"
    user_handle: bytes | None = None
    key: Key = field(default_factory=es256)
    id: bytes = b"synthetic-passkey-1"
    count: int = 0
    counts: bool = True
    verifies: bool = True
    cross_origin: bool = False

    @property
    def cose(self) -> bytes:
        """The public key as authenticators tell it."""
        public = self.key.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            numbers = public.public_numbers()
            return cbor2.dumps({1: 3, 3: -257, -1: _bytes(numbers.n), -2: b"\1\0\1"})
        point = public.public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def stored(self, **values: object) -> dict[str, object]:
        """The columns of MoviePilot's table `passkey`."""
        return {
            "credential_id": bytes_to_base64url(self.id),
            "public_key": bytes_to_base64url(self.cose),
            "sign_count": self.count,
            "name": "synthetic passkey",
            "transports": "internal,hybrid",
            "is_active": True,
            **values,
        }

    def store(self, library: Library, user_id: int, **values: object) -> int:
        """Register it in MoviePilot's place; returns the row's id."""
        return library.insert("passkey", user_id=user_id, **self.stored(**values))

    def answer(self, options: Mapping[str, Any]) -> str:
        """What the page posts after navigator.credentials.get(options)."""
        client = self._client("webauthn.get", options["challenge"])
        data = self._data(0)
        signed = data + hashlib.sha256(client).digest()
        response = {
            "clientDataJSON": bytes_to_base64url(client),
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(self._sign(signed)),
            "userHandle": self.user_handle and bytes_to_base64url(self.user_handle),
        }
        return self._credential(response)

    def registration(self, options: Mapping[str, Any]) -> str:
        """What the page posts after navigator.credentials.create(options)."""
        self.user_handle = base64url_to_bytes(options["user"]["id"])
        client = self._client("webauthn.create", options["challenge"])
        length = len(self.id).to_bytes(2, "big")
        data = self._data(ATTESTED) + AAGUID + length + self.id + self.cose
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": bytes_to_base64url(client),
            "attestationObject": bytes_to_base64url(attested),
            "transports": ["internal", "hybrid", "telepathy"],
        }
        return self._credential(response)

    def _credential(self, response: Mapping[str, object]) -> str:
        name = bytes_to_base64url(self.id)
        kind = "public-key"
        return json.dumps(
            {"id": name, "rawId": name, "type": kind, "response": response}
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps({**said, "crossOrigin": self.cross_origin}).encode()

    def _data(self, flags: int) -> bytes:
        self.count += self.counts
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        host = hashlib.sha256(self.rp_id.encode()).digest()
        return host + bytes([flags]) + self.count.to_bytes(4, "big")

    def _sign(self, data: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), SHA256())
        return self.key.sign(data, ec.ECDSA(SHA256()))


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
