"""The two laws of reflection, and the arithmetic of vectors."""

import numpy as np
import pytest

from firmware.twin.physics.optics import Gloss, Grid, Vectors, dot, specular, turned, unit


def _lobe(roughness: float, tilts_rad: Grid, f0: float = 1.0) -> Grid:
    """What is mirrored, by the angle between normal and half vector."""
    return specular(Gloss(f0, roughness), np.cos(tilts_rad).astype(np.float32))


def _tilts(most_rad: float) -> Grid:
    return np.linspace(0, most_rad, 20_001, dtype=np.float32)


@pytest.mark.parametrize("roughness", [0.05, 0.1, 0.2, 0.35])
def test_the_facets_of_a_rough_surface_cover_it_exactly(roughness: float) -> None:
    tilts = _tilts(1.5)

    # Beckmann: the areas of all facets, seen from above, add up to that of the surface. The lobe is pi f0 / 4 of their density.
    density = 4 / np.pi * _lobe(roughness, tilts).astype(float) * np.cos(tilts) * 2 * np.pi * np.sin(tilts)

    assert float(density.sum() * (tilts[1] - tilts[0])) == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize("roughness", [0.03, 0.06, 0.1])
def test_a_mirror_sends_back_its_share_of_the_light(roughness: float) -> None:
    tilts = _tilts(0.7)

    # A lamp straight above: what a facet mirrors leaves by twice its tilt. A white diffuser of radiance 1 sends pi in all.
    sent = _lobe(roughness, tilts, f0=0.5).astype(float) * np.cos(2 * tilts) * 2 * np.pi * np.sin(2 * tilts)

    assert float(sent.sum() * 2 * (tilts[1] - tilts[0])) / np.pi == pytest.approx(0.5, rel=0.05)


def test_a_mirror_is_brightest_at_its_normal_and_falls_off() -> None:
    lobe = _lobe(0.2, _tilts(0.9)[::1000])

    assert (np.diff(lobe) < 0).all()


def test_a_rougher_surface_mirrors_less_and_more_widely() -> None:
    smooth, rough = _lobe(0.1, _tilts(1.2)), _lobe(0.3, _tilts(1.2))

    assert smooth[0] == pytest.approx(9 * rough[0], rel=1e-3)
    assert (smooth > smooth[0] / 2).sum() < (rough > rough[0] / 2).sum() / 2


def test_what_is_mirrored_goes_with_the_reflectance() -> None:
    tilts = _tilts(0.5)

    assert np.allclose(_lobe(0.2, tilts, f0=0.04), 0.04 * _lobe(0.2, tilts))
    assert not _lobe(0.2, tilts, f0=0.0).any()


def _vectors() -> Vectors:
    one, two, three = np.random.default_rng(1).normal(0, 3, (3, 4, 5)).astype(np.float32)
    return one, two, three


def test_a_scalar_product_is_that_of_each_point() -> None:
    one, other = np.array(_vectors()), np.array(_vectors())[::-1]

    product = dot(_vectors(), (other[0], other[1], other[2]))

    assert np.allclose(product, np.einsum("khw,khw->hw", one, other), atol=1e-4)


def test_unit_vectors_keep_their_direction() -> None:
    directions = np.array(unit(_vectors()))

    assert np.allclose(np.linalg.norm(directions, axis=0), 1, atol=1e-5)
    assert np.allclose(directions * np.linalg.norm(_vectors(), axis=0), _vectors(), atol=1e-4)


def test_a_vector_without_length_stays_so() -> None:
    nothing = np.zeros((1, 1), dtype=np.float32)

    assert not np.array(unit((nothing, nothing, nothing))).any()


def test_a_matrix_turns_each_vector() -> None:
    matrix = np.random.default_rng(2).normal(0, 1, (3, 3)).astype(np.float32)

    assert np.allclose(turned(matrix, _vectors()), np.einsum("ij,jhw->ihw", matrix, np.array(_vectors())), atol=1e-4)
