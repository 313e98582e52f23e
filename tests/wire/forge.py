"""Makes the envelopes that no honest signer makes: any header, any parts, any signature."""

from __future__ import annotations

from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests import builders as a
from wire.envelope import Kind
from wire.keys import PrivateKey, key_id, sign_es256

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

ALG, CRIT, KID, TYP, X5CHAIN = 1, 2, 4, 16, 33


def honest_header(kind: Kind = Kind.TICKET, number: int = 1) -> dict[Any, Any]:
    """The header that `seal` would write for `key(number)`."""
    return {ALG: -7, KID: bytes(key_id(a.key(number).public_key())), TYP: kind.value}


def forge(header: Any, payload: Any, signature: Any = None, unprotected: Any = None, signer: PrivateKey | None = None) -> bytes:
    """A COSE_Sign1 with exactly these parts; signed with `key(1)` over them where no signature is given."""
    protected = header if isinstance(header, bytes) else cbor2.dumps(header, canonical=True)
    if signature is None:
        signature = sign_es256(signer or a.key(1), to_be_signed(protected, payload))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, unprotected or {}, payload, signature]))


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure of RFC 9052, 4.4."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def es384(protected: bytes, payload: bytes) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    """A P-384 key and its signature, 96 bytes."""
    private = ec.derive_private_key(0x5EED, ec.SECP384R1())
    r, s = decode_dss_signature(private.sign(to_be_signed(protected, payload), ec.ECDSA(hashes.SHA384())))
    return private, r.to_bytes(48, "big") + s.to_bytes(48, "big")


def parts(envelope: bytes) -> list[Any]:
    """The four parts of an envelope."""
    tagged = cbor2.loads(envelope)
    return list(tagged.value)


def with_signature(envelope: bytes, signature: bytes) -> bytes:
    """The same envelope under another signature."""
    protected, unprotected, payload, _ = parts(envelope)
    return cbor2.dumps(cbor2.CBORTag(18, [protected, unprotected, payload, signature]))
