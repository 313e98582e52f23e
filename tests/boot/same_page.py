"""Says how much two pictures of a screen differ, and fails when they do not show the same.

usage: python -m tests.boot.same_page ONE OTHER     ends with 1 when they differ
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.edge.panel.likeness import MOST_DIFFERENT, different, small


def compare(one: Path, other: Path) -> tuple[bool, str]:
    """Whether two pictures show the same, and a sentence that says by how much they differ."""
    first, second = small(one.read_bytes()), small(other.read_bytes())
    if first.size != second.size:
        return False, f"one is {first.size}, the other {second.size}"
    share = different(first, second)
    return share <= MOST_DIFFERENT, f"{share:.2%} of the pixels differ"


if __name__ == "__main__":
    same, said = compare(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write(f"{said}\n")
    sys.exit(not same)
