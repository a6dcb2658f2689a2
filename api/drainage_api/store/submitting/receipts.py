"""Receipts that cannot be changed: what was received or decided, as canonical JSON, signed by the key of the store.

Who holds a receipt and the public key needs nobody's word for it: the signature is Ed25519 (RFC 8032) over the
canonical JSON (RFC 8785) of the receipt.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from drainage_api.store.database import Database, StoreError
from drainage_api.store.tables import about

ALGORITHM: Final = "Ed25519"
_NAME: Final = "receipt_key"  # row of `about` with the private key: 32 bytes

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Facts with a signature.

    Parameters
    ----------
    facts
        Texts, whole numbers and lists of texts alone, so that they have one canonical form.
    signature, public_key
        In base64.
    """

    facts: Facts
    signature: str
    public_key: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as it goes out."""
        return {
            "receipt": dict(self.facts),
            "signature": self.signature,
            "public_key": self.public_key,
            "algorithm": ALGORITHM,
        }

    @property
    def text(self) -> str:
        """As it is kept."""
        return canonical(self.as_dict()).decode()


class Signer:
    """Who signs the receipts of a store: one pair of keys, made with the first receipt.

    Parameters
    ----------
    database
        That holds the private key.
    """

    def __init__(self, database: Database) -> None:
        """Make no key yet."""
        self._database = database
        self._pair: Ed25519PrivateKey | None = None

    @property
    def public_key(self) -> str:
        """The public key, 32 bytes in base64.

        Raises
        ------
        StoreError
            The store cannot be read, or not be written where there is no key yet.
        """
        return _in_base64(self._key().public_key().public_bytes_raw())

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, by which people compare two."""
        return hashlib.sha256(self._key().public_key().public_bytes_raw()).hexdigest()

    def sign(self, facts: Facts) -> Receipt:
        """Make a receipt.

        Raises
        ------
        StoreError
            As for the public key.
        """
        return Receipt(facts, _in_base64(self._key().sign(canonical(facts))), self.public_key)

    def _key(self) -> Ed25519PrivateKey:
        if self._pair is None:
            held = self._held() or self._made()
            self._pair = Ed25519PrivateKey.from_private_bytes(held)
        return self._pair

    def _held(self) -> bytes | None:
        with self._database.reading() as connection:
            return connection.scalar(select(about.c.value).where(about.c.name == _NAME))

    def _made(self) -> bytes:
        """Keep a new key, unless another process was first."""
        made = Ed25519PrivateKey.generate().private_bytes_raw()
        try:
            with self._database.writing() as connection:
                connection.execute(insert(about), {"name": _NAME, "value": made})
        except StoreError as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
        held = self._held()
        if held is None:
            raise StoreError("no key for receipts")
        return held


def canonical(value: object) -> bytes:
    """Return JSON in its one form: keys in their order, no blanks, UTF-8 (RFC 8785 for what has no fractions)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def holds(facts: Facts, signature: str, public_key: str) -> bool:
    """Tell whether a receipt is what was signed by a key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), canonical(facts))
    except (ValueError, InvalidSignature):
        return False
    return True


def _in_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
