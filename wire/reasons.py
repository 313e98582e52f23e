"""Every reason code, each with its category. Screens, tokens, ledgers and logs all use these words."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """Who can do something about a reason."""

    GUIDANCE = "guidance"
    """The visitor or the surroundings: mended on the spot."""
    ACTION = "action"
    """The visitor's answer to a challenge."""
    IDENTITY = "identity"
    """The person, the reference or the document does not fit."""
    ATTACK = "attack"
    """A presentation attack is suspected; never mixed with a plain failure (R35)."""
    POLICY = "policy"
    """The rules of the programme."""
    TRUST = "trust"
    """A ticket, a key, a clock or a signature."""
    EQUIPMENT = "equipment"
    """The unit itself."""
    SERVICE = "service"
    """The network or the centre."""
    COURSE = "course"
    """How the attempt went: it ran out of time, or was cancelled."""


class Reason(StrEnum):
    """A stable machine word; its sentence and remedy in each language stand in the prompt catalogues."""

    category: Category

    def __new__(cls, code: str, category: Category) -> Reason:
        member = str.__new__(cls, code)
        member._value_ = code
        member.category = category
        return member

    # What the visitor or the place can mend (R10 to R22).
    NO_FACE = "NO_FACE", Category.GUIDANCE
    MULTIPLE_FACES = "MULTIPLE_FACES", Category.GUIDANCE
    TOO_FAR = "TOO_FAR", Category.GUIDANCE
    TOO_CLOSE = "TOO_CLOSE", Category.GUIDANCE
    OFF_CENTRE = "OFF_CENTRE", Category.GUIDANCE
    CROPPED = "CROPPED", Category.GUIDANCE
    TOO_DARK = "TOO_DARK", Category.GUIDANCE
    TOO_BRIGHT = "TOO_BRIGHT", Category.GUIDANCE
    TOO_MUCH_AMBIENT = "TOO_MUCH_AMBIENT", Category.GUIDANCE
    BACKLIT = "BACKLIT", Category.GUIDANCE
    SIDE_LIT = "SIDE_LIT", Category.GUIDANCE
    BACKGROUND_BUSY = "BACKGROUND_BUSY", Category.GUIDANCE
    HOLD_STILL = "HOLD_STILL", Category.GUIDANCE
    HEAD_TURNED = "HEAD_TURNED", Category.GUIDANCE
    EYES_CLOSED = "EYES_CLOSED", Category.GUIDANCE
    HAIR_OVER_FACE = "HAIR_OVER_FACE", Category.GUIDANCE
    GLASSES_GLARE = "GLASSES_GLARE", Category.GUIDANCE
    SUNGLASSES = "SUNGLASSES", Category.GUIDANCE
    FACE_MASK = "FACE_MASK", Category.GUIDANCE
    HEAD_COVER = "HEAD_COVER", Category.GUIDANCE
    OCCLUDED = "OCCLUDED", Category.GUIDANCE
    LENS_DIRTY = "LENS_DIRTY", Category.GUIDANCE

    # The answer to a challenge (R21, R33).
    ACTION_MISSED = "ACTION_MISSED", Category.ACTION
    ACTION_TOO_FAST = "ACTION_TOO_FAST", Category.ACTION
    ACTION_TOO_SLOW = "ACTION_TOO_SLOW", Category.ACTION
    WRONG_ACTION = "WRONG_ACTION", Category.ACTION

    # Person, reference and document (R25 to R30).
    FACE_MISMATCH = "FACE_MISMATCH", Category.IDENTITY
    LIKENESS_UNCERTAIN = "LIKENESS_UNCERTAIN", Category.IDENTITY
    FACE_CHANGED = "FACE_CHANGED", Category.IDENTITY
    ID_EXPIRED = "ID_EXPIRED", Category.IDENTITY
    ID_MISMATCH = "ID_MISMATCH", Category.IDENTITY
    REFERENCE_OLD = "REFERENCE_OLD", Category.IDENTITY
    REFERENCE_MISSING = "REFERENCE_MISSING", Category.IDENTITY
    REFERENCE_STALE = "REFERENCE_STALE", Category.IDENTITY
    REFERENCE_UNUSABLE = "REFERENCE_UNUSABLE", Category.IDENTITY

    SPOOF_SUSPECTED = "SPOOF_SUSPECTED", Category.ATTACK

    # The rules of the programme (R1, R32, R41).
    ALREADY_DONE = "ALREADY_DONE", Category.POLICY
    NOT_DUE = "NOT_DUE", Category.POLICY
    LOCKED = "LOCKED", Category.POLICY
    CONSENT_MISSING = "CONSENT_MISSING", Category.POLICY
    VERSION_TOO_OLD = "VERSION_TOO_OLD", Category.POLICY

    # Tickets, keys and clocks (F7, F11, F39).
    TICKET_MISSING = "TICKET_MISSING", Category.TRUST
    TICKET_EXPIRED = "TICKET_EXPIRED", Category.TRUST
    TICKET_USED = "TICKET_USED", Category.TRUST
    CLOCK_UNTRUSTED = "CLOCK_UNTRUSTED", Category.TRUST
    UNIT_BLOCKED = "UNIT_BLOCKED", Category.TRUST
    KEY_UNAVAILABLE = "KEY_UNAVAILABLE", Category.TRUST

    # The unit itself (R5, R6, R8, F4, F58).
    LIVENESS_UNAVAILABLE = "LIVENESS_UNAVAILABLE", Category.EQUIPMENT
    MATCHER_UNAVAILABLE = "MATCHER_UNAVAILABLE", Category.EQUIPMENT
    HW_UNSUPPORTED = "HW_UNSUPPORTED", Category.EQUIPMENT
    STORAGE_LOW = "STORAGE_LOW", Category.EQUIPMENT
    STORE_FULL = "STORE_FULL", Category.EQUIPMENT
    CAMERA_DENIED = "CAMERA_DENIED", Category.EQUIPMENT
    CAMERA_BUSY = "CAMERA_BUSY", Category.EQUIPMENT
    CAMERA_LOST = "CAMERA_LOST", Category.EQUIPMENT
    CAMERA_FAULT = "CAMERA_FAULT", Category.EQUIPMENT
    LIGHT_FAULT = "LIGHT_FAULT", Category.EQUIPMENT
    TOO_HOT = "TOO_HOT", Category.EQUIPMENT

    NET_DEGRADED = "NET_DEGRADED", Category.SERVICE
    SERVER_BUSY = "SERVER_BUSY", Category.SERVICE

    TIMED_OUT = "TIMED_OUT", Category.COURSE
    CANCELLED = "CANCELLED", Category.COURSE
    INTERRUPTED = "INTERRUPTED", Category.COURSE
