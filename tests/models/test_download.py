"""A download goes on where it was cut, never leaves half a file under the final name, and never trusts the other side."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.card import ModelCard
from models.card import Upstream as UpstreamOrigin
from models.digests import digest_of
from models.download import MOST_TRIES
from models.errors import BundleBrokenError, CacheUnusableError, DigestMismatchError, DownloadFailedError, ModelNotFoundError
from models.fetch import HttpFetch, Schemes
from models.store import Place
from tests.models.made_up import CONTENT, bundle_card, card, files_below, nobody, store_of
from tests.models.upstream_server import Upstream

HALF = len(CONTENT) // 2


def served_card(upstream: Upstream, content: bytes = CONTENT, promised: bytes = CONTENT) -> ModelCard:
    upstream.files["/tiny.onnx"] = content
    return card(promised, UpstreamOrigin(f"{upstream.address}/tiny.onnx"))


def test_a_file_is_fetched_checked_and_kept(tmp_path: Path, upstream: Upstream) -> None:
    store = store_of(tmp_path, served_card(upstream))
    told: list[tuple[int, int]] = []

    (pulled,) = store.pull(["tiny"], lambda done, total: told.append((done, total)))

    assert pulled.came_from is Place.UPSTREAM
    assert store.path("tiny").read_bytes() == CONTENT
    assert told == sorted(told)
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert list(files_below(tmp_path)) == ["tiny.onnx"]


def test_path_fetches_what_is_nowhere_else(tmp_path: Path, upstream: Upstream) -> None:
    store = store_of(tmp_path, served_card(upstream))

    assert store.path("tiny").read_bytes() == CONTENT


def test_a_cut_connection_is_taken_up_again_where_it_stopped(tmp_path: Path, upstream: Upstream) -> None:
    store = store_of(tmp_path, served_card(upstream))
    upstream.cut_after_bytes = [HALF]

    store.pull(["tiny"], nobody)

    assert store.path("tiny").read_bytes() == CONTENT
    assert upstream.ranges_asked[0] == ""
    assert upstream.ranges_asked[1].startswith("bytes=")
    assert len(upstream.ranges_asked) == 2


def test_a_pull_that_ends_early_leaves_only_a_part_and_the_next_one_goes_on(tmp_path: Path, upstream: Upstream) -> None:
    store = store_of(tmp_path, served_card(upstream))
    upstream.cut_after_bytes = [HALF, 0]

    with pytest.raises(ModelNotFoundError, match="could not be fetched"):
        store.pull(["tiny"], nobody)

    assert list(files_below(tmp_path)) == ["tiny.onnx.part"]
    kept = (tmp_path / "cache" / "tiny.onnx.part").stat().st_size
    upstream.ranges_asked.clear()
    store.pull(["tiny"], nobody)
    assert upstream.ranges_asked == [f"bytes={kept}-"]
    assert list(files_below(tmp_path)) == ["tiny.onnx"]


def test_a_pull_that_is_killed_leaves_only_a_part(tmp_path: Path, upstream: Upstream) -> None:
    store = store_of(tmp_path, served_card(upstream))

    def interrupt(done_bytes: int, total_bytes: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.pull(["tiny"], interrupt)

    assert list(files_below(tmp_path)) == ["tiny.onnx.part"]


def test_a_part_that_was_whole_needs_no_network(tmp_path: Path, upstream: Upstream) -> None:
    store = store_of(tmp_path, served_card(upstream))
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "tiny.onnx.part").write_bytes(CONTENT)

    store.pull(["tiny"], nobody)

    assert upstream.ranges_asked == []
    assert store.path("tiny").read_bytes() == CONTENT


def test_a_part_that_is_too_long_is_begun_anew(tmp_path: Path, upstream: Upstream) -> None:
    store = store_of(tmp_path, served_card(upstream))
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "tiny.onnx.part").write_bytes(CONTENT + b"!")

    store.pull(["tiny"], nobody)

    assert upstream.ranges_asked == [""]


def test_a_server_that_ignores_ranges_begins_anew(tmp_path: Path, upstream: Upstream) -> None:
    store = store_of(tmp_path, served_card(upstream))
    upstream.knows_ranges = False
    upstream.cut_after_bytes = [HALF]

    store.pull(["tiny"], nobody)

    assert store.path("tiny").read_bytes() == CONTENT


def test_a_server_that_sends_another_part_than_asked_is_not_believed(tmp_path: Path, upstream: Upstream) -> None:
    store = store_of(tmp_path, served_card(upstream))
    upstream.lies_about_range = True
    upstream.cut_after_bytes = [HALF]

    with pytest.raises(ModelNotFoundError, match="not the part that was asked for"):
        store.pull(["tiny"], nobody)


def test_a_part_of_the_wrong_content_is_set_aside_and_the_next_pull_is_whole(tmp_path: Path, upstream: Upstream) -> None:
    store = store_of(tmp_path, served_card(upstream))
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "tiny.onnx.part").write_bytes(b"?" * HALF)

    with pytest.raises(DigestMismatchError, match="set aside"):
        store.pull(["tiny"], nobody)
    store.pull(["tiny"], nobody)

    assert store.path("tiny").read_bytes() == CONTENT


def test_another_file_at_the_official_address_is_set_aside(tmp_path: Path, upstream: Upstream) -> None:
    other = bytes(len(CONTENT))
    store = store_of(tmp_path, served_card(upstream, content=other))

    with pytest.raises(DigestMismatchError) as refused:
        store.path("tiny")

    assert refused.value.found == digest_of(other)
    assert list(files_below(tmp_path)) == [f"tiny.onnx.bad-{digest_of(other)[:8]}"]


def test_a_file_longer_than_promised_is_stopped_and_dropped(tmp_path: Path, upstream: Upstream) -> None:
    store = store_of(tmp_path, served_card(upstream, content=CONTENT * 3))

    with pytest.raises(ModelNotFoundError, match="longer than the promised"):
        store.path("tiny")

    assert (tmp_path / "cache" / "tiny.onnx.part").stat().st_size == 0


def test_a_file_shorter_than_promised_is_refused(tmp_path: Path, upstream: Upstream) -> None:
    store = store_of(tmp_path, served_card(upstream, content=CONTENT[:1000]))

    with pytest.raises(ModelNotFoundError):
        store.path("tiny")

    assert "tiny.onnx" not in files_below(tmp_path)


def test_a_line_that_is_cut_again_and_again_ends_in_a_sentence(tmp_path: Path, upstream: Upstream) -> None:
    store = store_of(tmp_path, served_card(upstream))
    upstream.cut_after_bytes = [70_000] + [30_000] * (MOST_TRIES * 2)

    with pytest.raises(ModelNotFoundError):
        store.pull(["tiny"], nobody)

    assert len(upstream.ranges_asked) <= MOST_TRIES
    assert "tiny.onnx" not in files_below(tmp_path)


def test_two_who_pull_at_once_fetch_it_once(tmp_path: Path, upstream: Upstream) -> None:
    each = served_card(upstream)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: store_of(tmp_path, each).pull(["tiny"], nobody), range(2)))

    assert sorted(result[0].came_from for result in results) == [Place.CACHE, Place.UPSTREAM]
    assert len(upstream.ranges_asked) == 1


def test_a_full_disk_is_noticed_before_the_first_byte(
    tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(tmp_path, served_card(upstream))
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(100, 90, 10))

    with pytest.raises(CacheUnusableError, match="10 are free"):
        store.pull(["tiny"], nobody)

    assert upstream.ranges_asked == []


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_one_bundle_is_fetched_once_for_all_its_members(tmp_path: Path, upstream: Upstream) -> None:
    bundle = zipped(first=CONTENT, second=b"second")
    upstream.files["/tiny.task"] = bundle
    address = f"{upstream.address}/tiny.task"
    cards = [
        bundle_card(address, bundle, "first", CONTENT, name="one"),
        bundle_card(address, bundle, "second", b"second", name="two"),
    ]
    store = store_of(tmp_path, *cards)

    store.pull(["one", "two"], nobody)

    assert store.path("one").read_bytes() == CONTENT
    assert store.path("two").read_bytes() == b"second"
    assert len(upstream.ranges_asked) == 1


@pytest.mark.parametrize(
    ("bundle", "served", "sentence"),
    [
        (zipped(other=CONTENT), None, "no item named 'first'"),
        (zipped(first=CONTENT[::-1]), None, "another content"),
        (zipped(first=CONTENT + b"!"), None, "another size"),
        (b"no zip at all", None, "not a zip"),
        (zipped(first=CONTENT), bytes(len(zipped(first=CONTENT))), "promised is"),
    ],
    ids=["no such member", "another content", "another size", "no zip", "another bundle"],
)
def test_a_bundle_that_is_not_as_promised_gives_nothing(
    tmp_path: Path, upstream: Upstream, bundle: bytes, served: bytes | None, sentence: str
) -> None:
    upstream.files["/tiny.task"] = served or bundle
    store = store_of(tmp_path, bundle_card(f"{upstream.address}/tiny.task", bundle, "first", CONTENT))

    with pytest.raises(BundleBrokenError, match=sentence):
        store.path("tiny")

    assert "tiny.onnx" not in files_below(tmp_path)


def read(address: str, schemes: Schemes = Schemes.LOOPBACK_HTTP_TOO, from_byte: int = 0) -> bytes:
    with HttpFetch(schemes).open(address, from_byte) as download:
        return b"".join(download.chunks)


def test_a_redirect_is_followed(upstream: Upstream) -> None:
    upstream.redirects["/old"] = "/new"
    upstream.files["/new"] = b"moved"

    assert read(f"{upstream.address}/old") == b"moved"


def test_a_ring_of_redirects_ends(upstream: Upstream) -> None:
    upstream.redirects["/ring"] = "/ring"

    with pytest.raises(DownloadFailedError, match="redirects"):
        read(f"{upstream.address}/ring")


@pytest.mark.parametrize("target", ["http://example.invalid/x", "ftp://127.0.0.1/x"])
def test_a_redirect_to_an_open_line_is_refused(upstream: Upstream, target: str) -> None:
    upstream.redirects["/down"] = target

    with pytest.raises(DownloadFailedError, match="only https is allowed"):
        read(f"{upstream.address}/down")


def test_a_redirect_to_a_file_of_this_machine_is_refused(upstream: Upstream) -> None:
    upstream.redirects["/down"] = "file:///x"

    with pytest.raises(DownloadFailedError):
        read(f"{upstream.address}/down")


def test_plain_http_is_refused_even_on_this_machine_unless_it_was_asked_for(upstream: Upstream) -> None:
    upstream.files["/x"] = b"x"

    with pytest.raises(DownloadFailedError, match="only https"):
        read(f"{upstream.address}/x", Schemes.HTTPS_ONLY)


def test_a_missing_file_is_a_sentence_with_the_answer(upstream: Upstream) -> None:
    with pytest.raises(DownloadFailedError, match="404"):
        read(f"{upstream.address}/nothing")


def test_a_range_beyond_the_end_begins_anew(upstream: Upstream) -> None:
    upstream.files["/x"] = b"short"

    assert read(f"{upstream.address}/x", from_byte=99) == b"short"


def test_nobody_listening_is_a_sentence() -> None:
    with pytest.raises(DownloadFailedError, match="could not be fetched"):
        read("http://127.0.0.1:9/x")
