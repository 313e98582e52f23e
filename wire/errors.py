"""What can be wrong with something that arrived, or was about to leave, over the wire."""


class WireError(Exception):
    """Something on the wire is not what it should be."""


class NotEncodableError(WireError):
    """A value has no place in signed CBOR, for example a float."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} cannot be put into signed CBOR: use integers, text, bytes, lists or maps")
        self.what = what


class MalformedError(WireError):
    """Bytes that arrived are not the strict CBOR that both sides agreed on."""

    def __init__(self, what: str) -> None:
        super().__init__(f"malformed message: {what}")
        self.what = what


class BadSignatureError(WireError):
    """A signature does not belong to this message and key."""

    def __init__(self, what: str) -> None:
        super().__init__(f"signature refused: {what}")
        self.what = what


class KeyUnknownError(WireError):
    """A message names a signing key that is not known here."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"signing key {key_id.hex()} is not known here")
        self.key_id = key_id


class KeyUnsuitableError(WireError):
    """A key is not a P-256 key in a form that can be read."""

    def __init__(self, what: str) -> None:
        super().__init__(f"unsuitable key: {what}; an EC key on P-256 is needed")
        self.what = what


class CertificateRefusedError(WireError):
    """A certificate was not issued by this fleet, for this use, at this time."""

    def __init__(self, what: str) -> None:
        super().__init__(f"certificate refused: {what}")
        self.what = what


class StatementInvalidError(WireError):
    """A signed statement has a claim that is missing, unknown or out of range."""

    def __init__(self, claim: str, what: str) -> None:
        super().__init__(f"claim {claim}: {what}")
        self.claim = claim
        self.what = what


class SealingKeyUnsuitableError(WireError):
    """A key for sealing or opening is not an X25519 key in PEM."""

    def __init__(self, what: str) -> None:
        super().__init__(f"unsuitable key: {what}; an X25519 key in PEM is needed")
        self.what = what


class SealBrokenError(WireError):
    """Sealed bytes were altered, moved, or sealed to another key."""

    def __init__(self) -> None:
        super().__init__("the seal does not open: altered, moved, or sealed to another key")


class CohortForeignError(WireError):
    """A cohort file is sealed to another key than the one at hand."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"the cohort is sealed to the key {key_id.hex()}, which is not the one here")
        self.key_id = key_id


class CohortBrokenError(WireError):
    """A cohort file is not whole: something in it was cut, moved, repeated, appended or altered."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"cohort file broken, {where}: {what}")
        self.where = where
        self.what = what


class CohortRowInvalidError(WireError):
    """A reference of a cohort has a text, age or embedding that cannot be."""

    def __init__(self, what: str) -> None:
        super().__init__(f"reference refused: {what}")
        self.what = what
