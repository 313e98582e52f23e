"""The state directory of an enrolled unit, as the tests of the unit have it."""

from tests.edge.conftest import enrolled

__all__ = ["enrolled"]
