"""Everything that the centre refuses, and everything that can fail there."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path


class ProvisioningError(Exception):
    """Something at the centre is not as it should be."""

    @property
    def code(self) -> str:
        """A stable word for programs, made from the name of the error."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__.removesuffix("Error")).lower()


class RefusedError(ProvisioningError):
    """The centre's rules do not allow what was asked."""


class SettingInvalidError(ProvisioningError):
    """A setting is unknown, or its value is out of range."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"setting {name}: {what}")
        self.name = name


class CentreNotSetUpError(ProvisioningError):
    """The data folder holds no centre yet, or one of another version."""

    def __init__(self, missing: str) -> None:
        super().__init__(f"{missing} is missing or of another version: run `lifecert-centre init` first")
        self.missing = missing


class FileUnusableError(ProvisioningError):
    """A file cannot be read, or a folder cannot be written."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}")
        self.path = path


class AddressUnusableError(ProvisioningError):
    """The centre cannot listen on an address."""

    def __init__(self, host: str, port: int, what: str) -> None:
        super().__init__(f"cannot listen on {host} port {port}: {what}")
        self.host = host
        self.port = port


class DatabaseUnavailableError(ProvisioningError):
    """The database does not answer, is locked or is full."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the database is not available: {what}")


class DatabaseRefusedError(ProvisioningError):
    """The database refused a statement, for example one that would change the ledger."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the database refused a statement: {what}")
        self.what = what


class BrokerUnreachableError(ProvisioningError):
    """The broker could not be told about a change."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the broker was not told: {what}")


class BrokerFolderUnreachableError(ProvisioningError):
    """The user that the broker runs as cannot enter the folder of its configuration."""

    def __init__(self, folder: Path, user: str) -> None:
        super().__init__(f"user {user} cannot enter {folder}: choose another folder, or another user with --user")
        self.folder = folder
        self.user = user


class Refusal(StrEnum):
    """Why an enrolment is refused. Only who knows the claim learns more than that it is wrong."""

    CLAIM_MISSING = "claim_missing"
    CLAIM_WRONG = "claim_wrong"
    """Unknown serial number, wrong claim, or the claim of another unit."""
    CLAIM_LOCKED = "claim_locked"
    CLAIM_EXPIRED = "claim_expired"
    CLAIM_USED = "claim_used"
    KEY_REUSED = "key_reused"
    UNIT_BLOCKED = "unit_blocked"


_REFUSAL_TEXT = {
    Refusal.CLAIM_MISSING: "show serial number and claim by HTTP Basic authentication",
    Refusal.CLAIM_WRONG: "this serial number has no such claim",
    Refusal.CLAIM_LOCKED: "too many wrong claims were shown for this serial number: make a new claim",
    Refusal.CLAIM_EXPIRED: "the claim has expired: make a new one",
    Refusal.CLAIM_USED: "the claim was used with another key: make a new one",
    Refusal.KEY_REUSED: "this key has a certificate already: make a key of its own for each certificate",
    Refusal.UNIT_BLOCKED: "the unit is blocked",
}


class EnrolmentRefusedError(RefusedError):
    """A unit may not enrol with what it showed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(_REFUSAL_TEXT[refusal])
        self.refusal = refusal

    @property
    def code(self) -> str:
        return self.refusal.value


class RequestRefusedError(RefusedError):
    """A certificate request cannot be read, or is not for a P-256 key that its sender holds."""

    def __init__(self, what: str) -> None:
        super().__init__(f"certificate request refused: {what}")
        self.what = what


class RequestTooLargeError(RefusedError):
    """The body of a request is larger than any certificate request."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body is larger than {limit} bytes")


class RequestTypeUnknownError(RefusedError):
    """The body of a request is not declared as a certificate request."""

    def __init__(self) -> None:
        super().__init__("the content type must be application/pkcs10")


class DeviceLiveError(RefusedError):
    """A serial number has a unit at work already, or a blocked one."""

    def __init__(self, serial: str, unit: str, state: str) -> None:
        super().__init__(f"serial number {serial} has the unit {unit}, which is {state}: use --re-provision to replace it")
        self.serial = serial
        self.unit = unit


class DeviceUnknownError(RefusedError):
    """No unit has this name."""

    def __init__(self, unit: str) -> None:
        super().__init__(f"no unit is named {unit}")
        self.unit = unit


class DeviceBlockedError(RefusedError):
    """A blocked unit is given nothing to do."""

    def __init__(self, unit: str) -> None:
        super().__init__(f"the unit {unit} is blocked")
        self.unit = unit


class InputInvalidError(RefusedError):
    """A name, number or text that was given is out of range."""

    def __init__(self, what: str) -> None:
        super().__init__(what)


class DeliveryRejectedError(ProvisioningError):
    """A message from the broker is not a result, or not one that its unit may send."""

    def __init__(self, what: str) -> None:
        super().__init__(f"message rejected: {what}")
        self.what = what


class CohortKeyMissingError(RefusedError):
    """No cohort can be opened, because no key for cohorts was made yet."""

    def __init__(self) -> None:
        super().__init__("no key for cohorts was made yet: run `lifecert-centre cohort key` and seal the cohort to it")


class CohortUnfitError(RefusedError):
    """The references of a cohort cannot be compared with one another."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class CohortRefusedError(RefusedError):
    """A cohort file is broken, foreign, here already, or holds something that cannot be compared."""

    def __init__(self, file: str, what: str) -> None:
        super().__init__(f"{file} is refused: {what}")
        self.file = file


class CohortUnknownError(RefusedError):
    """No cohort of this name is here."""

    def __init__(self, cohort_id: str) -> None:
        super().__init__(f"no cohort {cohort_id} is here; `lifecert-centre cohort list` shows those that are")
        self.cohort_id = cohort_id


class CohortDamagedError(ProvisioningError):
    """A sealed cohort in the data folder is not the file that was imported, or its key has changed."""

    def __init__(self, cohort_id: str) -> None:
        super().__init__(f"the file of {cohort_id} or the key of cohorts has changed since it was imported: import it again")
        self.cohort_id = cohort_id


class CohortsUnlikeError(RefusedError):
    """Embeddings of different matchers, runtimes or classes of reference cannot be compared."""

    def __init__(self, what: str, one: str, other: str) -> None:
        super().__init__(f"these cohorts cannot be compared, they are of another {what}: {one}, {other}")
        self.what = what


class ListInvalidError(RefusedError):
    """A list of people under two names cannot be read, or names somebody who is not there."""

    def __init__(self, file: str, line: int, what: str) -> None:
        super().__init__(f"{file}, line {line}: {what}")
        self.line = line


class ClaimUnsupportedError(RefusedError):
    """What was counted does not prove the error rate that is claimed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the claim is not supported: {what}")
        self.what = what


class CalibrationUnknownError(RefusedError):
    """No calibration has this number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no calibration {number}; `lifecert-centre calibrate list` shows them")
        self.number = number


class PolicyUnknownError(RefusedError):
    """No policy of this id was published here."""

    def __init__(self, policy_id: str) -> None:
        super().__init__(f"no policy {policy_id} was published here; `lifecert-centre policy list` shows those that were")
        self.policy_id = policy_id


class PolicyUnfitError(RefusedError):
    """A unit could not decide about a visit under the policy that its ticket names."""

    def __init__(self, policy_id: str, what: str) -> None:
        super().__init__(f"the policy {policy_id} does not fit the ticket: {what}")
        self.policy_id = policy_id


class PolicyRefusedError(RefusedError):
    """A policy cannot be published as it was asked for."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the policy is not published: {what}")
        self.what = what


class MatcherRefusedError(RefusedError):
    """A matcher was not measured and accepted, so no policy may name it."""

    def __init__(self, matcher: str, what: str) -> None:
        super().__init__(f"matcher {matcher}: {what}")
        self.matcher = matcher
