"""The key that cohorts are sealed to: made when it is first asked for, and never shown but for its public half."""

from __future__ import annotations

from provisioning.errors import CohortKeyMissingError, FileUnusableError
from provisioning.files import PRIVATE, alone, make_private_folder, read_whole, write_whole
from provisioning.layout import Layout
from wire.errors import SealingKeyUnsuitableError
from wire.sealing import OpeningKey, SealingKey, new_opening_key, opening_key_pem, read_opening_key


class CohortKey:
    """The private key in its file."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def public(self) -> SealingKey:
        """The public key, of a fresh pair where there was none yet; raises `FileUnusableError`."""
        with alone(self._layout.cohort_lock):
            if not self._layout.cohort_key.exists():
                make_private_folder(self._layout.cohort_key.parent)
                write_whole(self._layout.cohort_key, opening_key_pem(new_opening_key()), PRIVATE)
        return self.private().public_key()

    def private(self) -> OpeningKey:
        """The private key; `CohortKeyMissingError` when none was made yet, `FileUnusableError` when it cannot be read."""
        if not self._layout.cohort_key.exists():
            raise CohortKeyMissingError
        try:
            return read_opening_key(read_whole(self._layout.cohort_key))
        except SealingKeyUnsuitableError as error:
            raise FileUnusableError(self._layout.cohort_key, "does not hold an X25519 key in PEM") from error
