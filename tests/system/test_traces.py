"""The search for pictures and embeddings finds them where they are, and nothing where they are not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.system.traces import SPELLINGS, holds_part_of, pictures_in

AROUND = bytes(range(256)) * 3
VECTOR = np.random.default_rng(7).normal(size=256).astype(np.float32)


@pytest.mark.parametrize(("ending", "kind"), [(".jpg", "a JPEG"), (".png", "a PNG"), (".webp", "a WebP")])
def test_a_picture_between_other_bytes_is_found(ending: str, kind: str) -> None:
    _, encoded = cv2.imencode(ending, np.full((8, 8, 3), 127, np.uint8))

    assert pictures_in(AROUND + encoded.tobytes() + AROUND) == [kind]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_stretch_of_an_embedding_is_found_in_every_spelling(spelling: str) -> None:
    stretch = VECTOR.astype(spelling).tobytes()[64:96]

    assert holds_part_of(VECTOR, AROUND + stretch + AROUND)


def test_nothing_is_found_where_nothing_is() -> None:
    noise = np.random.default_rng(8).bytes(1_000_000)

    assert pictures_in(noise) == []
    assert not holds_part_of(VECTOR, noise)
