"""`lifecert models rewrite`: networks that run faster and answer the same, made on this machine."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from edge.commands.console import Exit, Json, faults, json_option, manifest_option, mirror_option, print_json
from models.digests import content_of
from models.errors import GraphNotRewrittenError
from models.store import ModelStore, store_from_environment
from models.variant import REWRITABLE, Variant


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one network."""

    name: str
    variant: Variant | None
    path: Path | None
    reason: str
    """Why there is none; empty where there is one."""


@click.command
@click.argument("names", nargs=-1, metavar="[NAME]...")
@mirror_option
@manifest_option
@json_option
def rewrite(names: tuple[str, ...], mirror: Path | None, manifest: Path | None, as_json: bool) -> None:
    """Rewrite networks so that they run faster and answer the same: those of every unit, or those named.

    Each is compared with its source before it is kept in the cache; the source stays. Whether it is faster here, `lifecert models
    benchmark` says. Ends with 1 when a network that was named cannot be rewritten; what was kept before stays.

    \b
    Examples:
      lifecert models rewrite
      lifecert models rewrite embedder minifasnet_v2 --json
    """
    with faults(as_json=as_json):
        store = store_from_environment(os.environ, mirror, manifest)
        chosen = names or [name for name in store.manifest.default_names if store.card(name).runtime in REWRITABLE]
        kept = [_kept(store, name) for name in chosen]
    if as_json:
        print_json({"models": [_document(each) for each in kept]})
    else:
        for each in kept:
            click.echo(_words(each))
    sys.exit(Exit.REFUSED if names and any(each.variant is None for each in kept) else Exit.DONE)


def _kept(store: ModelStore, name: str) -> Kept:
    # onnx loads only when something is rewritten.
    from models.graph import rewritten_variant

    card = store.card(name)
    try:
        variant, content = rewritten_variant(card, content_of(store.path(name)))
    except GraphNotRewrittenError as error:
        return Kept(name, None, None, error.reason)
    if not variant.passed:
        return Kept(name, None, None, "the rewritten file answers otherwise here, so it was not kept")
    return Kept(name, variant, store.keep(variant, content), "")


def _document(kept: Kept) -> Json:
    if kept.variant is None:
        return {"name": kept.name, "kept": False, "reason": kept.reason}
    return {
        "name": kept.name,
        "kept": True,
        "path": str(kept.path),
        "sha256": kept.variant.sha256,
        "size_bytes": kept.variant.size_bytes,
        **kept.variant.provenance,
    }


def _words(kept: Kept) -> str:
    if kept.variant is None:
        return f"{kept.name}: not rewritten: {kept.reason}"
    done = kept.variant.provenance["rewrites"]
    told = ", ".join(f"{count} {what}" for what, count in done.items()) if isinstance(done, dict) else ""
    return f"{kept.name}: {kept.path} ({told})"
