"""Follows the face that the unit attends to. A new number means: perhaps another person, so nothing seen before counts."""

from __future__ import annotations

from edge.flow import Detection, Track, TrackId

MIN_OVERLAP = 0.3
LOST_AFTER_NS = 500_000_000
RIVAL_SIZE = 0.5
"""Another face counts when it is at least this large, compared with the face attended to."""


class Tracker:
    """Keeps attending to one face while its box moves by less than its own size from frame to frame."""

    def __init__(self) -> None:
        self._last: Detection | None = None
        self._last_ns = 0
        self._id = TrackId(0)

    def follow(self, faces: tuple[Detection, ...], captured_ns: int) -> Track | None:
        """The face attended to in this frame, or None without any; `faces` are largest first."""
        if not faces:
            return None
        face = self._same(faces, captured_ns) or self._begin(faces[0])
        self._last, self._last_ns = face, captured_ns
        rivals = [other for other in faces if other is not face and other.box.side_px >= RIVAL_SIZE * face.box.side_px]
        return Track(self._id, face, len(rivals))

    def _same(self, faces: tuple[Detection, ...], captured_ns: int) -> Detection | None:
        if self._last is None or captured_ns - self._last_ns > LOST_AFTER_NS:
            return None
        last = self._last.box
        best = max(faces, key=lambda face: face.box.overlap(last))
        return best if best.box.overlap(last) >= MIN_OVERLAP else None

    def _begin(self, face: Detection) -> Detection:
        self._id = TrackId(self._id + 1)
        return face
