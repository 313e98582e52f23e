"""What can go wrong on the unit. A refused face is not an error: it is a decision with a reason."""


class EdgeError(Exception):
    """Something on the unit did not work."""


class ConfigInvalidError(EdgeError):
    """A setting has an unknown name, a wrong type or a value out of range."""

    def __init__(self, where: str, key: str, what: str) -> None:
        super().__init__(f"{where}: {key}: {what}")
        self.where, self.key, self.what = where, key, what


class FocalUnmeasuredError(EdgeError):
    """The focal length of the camera could not be measured with what it showed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the focal length cannot be measured: {what}")
        self.what = what


class ReferenceUnusableError(EdgeError):
    """The reference photo shows no face, several faces, or a face too small to compare."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the reference photo cannot be used: {what}")
        self.what = what


class ReferenceMismatchError(EdgeError):
    """The reference photo at hand is not the one that the ticket names."""

    def __init__(self) -> None:
        super().__init__("the reference photo is not the one that the ticket names: its digest differs")


class EmbeddingInvalidError(EdgeError):
    """The matcher's network gave an answer that cannot be compared."""

    def __init__(self) -> None:
        super().__init__("the matcher gave an embedding without direction: nothing can be compared with it")


class FileNotDurableError(EdgeError):
    """A file of the unit's state could not be written so that it survives a power cut."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name} could not be written: {what}")
        self.name, self.what = name, what


class AlreadyRunningError(EdgeError):
    """Another program already does this work on the same state directory."""

    def __init__(self, name: str) -> None:
        super().__init__(f"LOCKED: another program holds {name}; stop it first, it may run only once per state directory")
        self.name = name


class StoreFullError(EdgeError):
    """The spool has no room for another result, so no visit may begin."""

    def __init__(self, what: str) -> None:
        super().__init__(f"STORE_FULL: {what}; connect the unit so that it can deliver, or free space on its disk")
        self.what = what


class StoreUnusableError(EdgeError):
    """The spool cannot be read or written, for example because its disk is read-only."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the spool cannot be used: {what}")
        self.what = what


class SpoolDamagedError(EdgeError):
    """The spool is damaged so far that the last sequence number is lost; a unit may never use a number twice."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the spool is damaged and its last sequence number cannot be salvaged: {what}; "
            "keep the state directory for inspection and enrol the unit anew, with a fresh claim and an empty one"
        )
        self.what = what


class AttemptNotOpenError(EdgeError):
    """A result was offered for an attempt that was never opened or already has its result."""

    def __init__(self, attempt: int) -> None:
        super().__init__(f"attempt {attempt} is not open: it was never opened or already has its one result")
        self.attempt = attempt


class ResultUnfitError(EdgeError):
    """A sealed result does not continue the unit's chain of results."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the sealed result does not fit the spool: {what}")
        self.what = what


class TicketUsedError(EdgeError):
    """The ticket for this visit already has its result."""

    def __init__(self, case: str) -> None:
        super().__init__(f"the ticket of case {case} was used: ask the centre for a new one")
        self.case = case


class TicketUnknownError(EdgeError):
    """No such ticket lies in the spool."""

    def __init__(self) -> None:
        super().__init__("no ticket with this nonce lies in the spool: connect the unit so that it can fetch its tickets")


class ReceiptUnfitError(EdgeError):
    """A receipt is about another result than any that this unit has signed."""

    def __init__(self) -> None:
        super().__init__("the receipt fits no result of this spool")


class PolicyIdReusedError(EdgeError):
    """The centre sent another policy under an id that this unit knows already."""

    def __init__(self, policy: str) -> None:
        super().__init__(f"another policy {policy} is kept already: the centre must publish a changed policy under a new number")
        self.policy = policy


class PolicyOutdatedError(EdgeError):
    """An older version of a policy arrived than the one that this unit holds."""

    def __init__(self, policy: str, newest: str) -> None:
        super().__init__(f"the policy {policy} is not newer than {newest}, which this unit holds: it takes nothing back")
        self.policy, self.newest = policy, newest


class LivenessBrokenError(EdgeError):
    """A step that looks for signs of life failed, so nobody can be accepted."""

    def __init__(self, step: str) -> None:
        super().__init__(f"the liveness step {step} failed: the attempt ends without acceptance")
        self.step = step


class CatalogueInvalidError(EdgeError):
    """The words of a language are missing or cannot be read."""

    def __init__(self, language: str, what: str) -> None:
        super().__init__(f"prompt catalogue {language}: {what}")
        self.language, self.what = language, what


class TicketExpiredError(EdgeError):
    """The ticket for this visit is no longer valid."""

    def __init__(self, case: str) -> None:
        super().__init__(f"the ticket of case {case} has expired: ask the centre for a new one")
        self.case = case


class VisitLockedError(EdgeError):
    """Too many visits of this person failed in a short time; the next must wait."""

    def __init__(self, case: str, until_s: int) -> None:
        super().__init__(f"LOCKED: too many visits of case {case} failed in a row; the next may begin at Unix time {until_s}")
        self.case, self.until_s = case, until_s


class ConsentUnaskableError(EdgeError):
    """Nobody could agree at this unit: it asks, and can be neither touched nor pressed."""

    def __init__(self) -> None:
        super().__init__(
            "unit.consent: visitors are asked, but nobody could answer: set screen.kind to panel, name pins.button, or set "
            "unit.consent to witness where a worker asks before the visit"
        )


class TicketMissingError(EdgeError):
    """No ticket for this visit has arrived."""

    def __init__(self, case: str) -> None:
        super().__init__(f"no unused ticket of case {case} lies in the spool: is the uplink running, and does the case exist?")
        self.case = case


class ReferenceMissingError(EdgeError):
    """A photo that the ticket names is not at hand."""

    def __init__(self, case: str) -> None:
        super().__init__(f"no photo at hand is the one, or one of those, that the ticket of case {case} names")
        self.case = case


class KeyExposedError(EdgeError):
    """A private key lies where others than its owner can read it."""

    def __init__(self, name: str, mode: int) -> None:
        super().__init__(
            f"{name} has mode {mode:04o}, so others can read it: enrol the unit anew, then keep its state directory private"
        )
        self.name, self.mode = name, mode


class KeyUnavailableError(EdgeError):
    """A private key is missing or cannot be used."""

    def __init__(self, label: str, what: str) -> None:
        super().__init__(f"the {label} key cannot be used: {what}")
        self.label, self.what = label, what


class KeyExistsError(EdgeError):
    """A key was to be made where one lies already; keys are never overwritten."""

    def __init__(self, label: str) -> None:
        super().__init__(f"there is a {label} key already; it is never overwritten")
        self.label = label


class NotEnrolledError(EdgeError):
    """The unit has no identity yet: nobody would believe its results."""

    def __init__(self) -> None:
        super().__init__("this unit is not enrolled: get a claim from the centre and run lifecert-enrol")


class IdentityDamagedError(EdgeError):
    """A part of the unit's identity is missing or does not fit the others."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the identity of this unit is damaged: {what}; enrol it anew, with a fresh claim and an empty state directory"
        )
        self.what = what


class EnrolmentRefusedError(EdgeError):
    """The centre does not give this unit a certificate."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(f"the centre refused: {what}")
        self.code, self.what = code, what


class CentreUnreachableError(EdgeError):
    """The centre cannot be reached, or not over a connection that can be trusted."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the centre cannot be reached: {what}")
        self.what = what


class CentreAnswerError(EdgeError):
    """The centre answered something that this unit cannot accept."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the answer of the centre cannot be used: {what}")
        self.what = what


class PolicyUnfitError(EdgeError):
    """The policy that a ticket names cannot be used on this unit, so the visit does not begin."""

    def __init__(self, policy: str, what: str) -> None:
        super().__init__(f"the ticket asks for the policy {policy!r}: {what}")
        self.policy, self.what = policy, what


class PolicyUnknownError(PolicyUnfitError):
    """The ticket asks for rules that this unit does not have."""

    def __init__(self, policy: str) -> None:
        super().__init__(
            policy, "this unit does not have it; connect the unit so that it can fetch its policies, or ask for another ticket"
        )


class PolicyUnverifiedError(PolicyUnfitError):
    """The policy that lies in the spool is not what the centre signed."""

    def __init__(self, policy: str, why: str) -> None:
        super().__init__(policy, f"the one in the spool is not what the centre signed ({why}); tell the centre, and enrol anew")
        self.why = why


class PolicySupersededError(PolicyUnfitError):
    """A newer version of the policy was issued before the ticket was."""

    def __init__(self, policy: str, newest: str) -> None:
        super().__init__(policy, f"when the ticket was issued {newest} had taken its place; ask for a ticket under that one")
        self.newest = newest


class PolicyExpiredError(PolicyUnfitError):
    """The policy is no longer valid."""

    def __init__(self, policy: str) -> None:
        super().__init__(policy, "it has expired; let the centre publish a new version, then ask for a new ticket")


class PolicyNotYetValidError(PolicyUnfitError):
    """The policy is not valid yet, or the unit's clock is behind."""

    def __init__(self, policy: str) -> None:
        super().__init__(policy, "it is not valid yet by the clock of this unit; connect the unit, so that it learns the time")


class MatcherUncoveredError(PolicyUnfitError):
    """The policy proves nothing about the matcher of this unit."""

    def __init__(self, policy: str, matcher: str, covered: tuple[str, ...]) -> None:
        super().__init__(
            policy,
            f"it holds thresholds for {', '.join(covered)}, none for {matcher}, the matcher of this unit; "
            "let the centre calibrate and publish for this matcher",
        )
        self.matcher, self.covered = matcher, covered


class RuntimeUncoveredError(PolicyUnfitError):
    """The policy proves nothing about the version of the library that runs the matcher here."""

    def __init__(self, policy: str, runtime: str, covered: tuple[str, ...]) -> None:
        super().__init__(
            policy,
            f"its thresholds hold under {', '.join(covered)}, and this unit runs {runtime}; "
            "let the centre calibrate and publish for that version, or install the version of the policy",
        )
        self.runtime, self.covered = runtime, covered


class ReferenceClassUncoveredError(PolicyUnfitError):
    """The policy proves nothing about a class of reference that the ticket names."""

    def __init__(self, policy: str, reference_class: str) -> None:
        super().__init__(
            policy,
            f"it holds no threshold for references of the class {reference_class}; "
            "let the centre calibrate that class, or ask for a ticket without it",
        )
        self.reference_class = reference_class


class CueUnaskedError(PolicyUnfitError):
    """The policy requires a cue that the mode of the ticket does not gather."""

    def __init__(self, policy: str, mode: str, cues: tuple[str, ...]) -> None:
        super().__init__(
            policy,
            f"it requires the cues {', '.join(cues)}, which the mode {mode} does not gather; ask for a ticket in another mode",
        )
        self.cues = cues


class CueLackingError(PolicyUnfitError):
    """This unit's board cannot give a cue that the visit needs."""

    def __init__(self, policy: str, mode: str, cues: tuple[str, ...], lamps: str) -> None:
        fitted = f"only the lamps {lamps}" if lamps else "no lamps of its own"
        super().__init__(
            policy,
            f"in the mode {mode} the visit needs the cues {', '.join(cues)}, and this board has {fitted}; "
            "fit infrared lamps at both sides and name them in unit.lamps, or ask for a ticket in another mode",
        )
        self.cues, self.lamps = cues, lamps


class PolicyThresholdLowError(PolicyUnfitError):
    """The threshold of the policy lies below the lowest that this unit takes."""

    def __init__(self, policy: str, threshold_x10000: int, floor_x10000: int) -> None:
        super().__init__(
            policy,
            f"its threshold {threshold_x10000 / 10_000:.4f} lies below {floor_x10000 / 10_000:.4f}, where the shipped matcher "
            "does not even ask a person to look; let the centre look at its cohort and calibrate again",
        )
        self.threshold_x10000, self.floor_x10000 = threshold_x10000, floor_x10000


class ColdStartFailedError(EdgeError):
    """A process that should only open the networks did not get there."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the cold start could not be measured: {reason}")
        self.reason = reason
