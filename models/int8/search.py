"""Which layers stay in floats: those that lose most for what they save, as few as it takes (mixed precision)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

Loss = Callable[[Sequence[str]], float]
"""The loss when these layers work on integers and all others on floats."""

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""


def choose(names: Sequence[str], products: Mapping[str, int], loss: Loss, limit: float, progress: Progress) -> list[str]:
    """The layers that may work on integers so that the loss stays within the limit, in their order.

    Each layer is first tried alone; then as many as it takes stay in floats, those first that lose most for each multiplication;
    then each of those, the one with the most multiplications first, is let back in when the limit allows it.
    """
    if loss(names) <= limit:
        return list(names)
    alone = {}
    for name in names:
        alone[name] = loss([name])
        progress(len(alone), len(names))
    ranked = sorted(names, key=lambda name: (-alone[name] / max(1, products[name]), name))
    fewest = _fewest(names, ranked, loss, limit)
    return _let_back(names, set(ranked[:fewest]), products, loss, limit)


def _fewest(names: Sequence[str], ranked: Sequence[str], loss: Loss, limit: float) -> int:
    """How many of the most sensitive layers must stay in floats; found by halving, since each one less can only help."""
    low, high = 0, len(ranked)
    while high - low > 1:
        middle = (low + high) // 2
        floats = set(ranked[:middle])
        if loss([name for name in names if name not in floats]) <= limit:
            high = middle
        else:
            low = middle
    return high


def _let_back(names: Sequence[str], floats: set[str], products: Mapping[str, int], loss: Loss, limit: float) -> list[str]:
    for name in sorted(floats, key=lambda each: (-products[each], each)):
        tried = [each for each in names if each not in floats or each == name]
        if loss(tried) <= limit:
            floats.remove(name)
    return [name for name in names if name not in floats]
