"""The network door of the models: the only file of this room that imports httpx."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from http import HTTPStatus

import httpx

from models.errors import DownloadFailedError
from models.upstream import Download

MOST_REDIRECTS = 5
CHUNK_BYTES = 64 * 1024

# Connecting fails early, so that a unit without a network says so at once; a slow line may take its time between chunks.
_TIMEOUTS = httpx.Timeout(30.0, connect=5.0)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")
_FOREIGN_ERRORS = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL)


class Schemes(StrEnum):
    """Which addresses may be read."""

    HTTPS_ONLY = "https only"
    LOOPBACK_HTTP_TOO = "https, and http on this machine"


class HttpFetch:
    """Reads addresses over HTTP, a stream from any byte on, through at most five redirects."""

    def __init__(self, schemes: Schemes) -> None:
        self._schemes = schemes

    @contextmanager
    def open(self, address: str, from_byte: int) -> Iterator[Download]:
        """Begin to read an address at a byte.

        Raises `DownloadFailedError`, here and while the chunks are read.
        """
        with _translated(address), self._client(address) as client:
            response = self._answer(client, address, from_byte)
            if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and from_byte > 0:
                response.close()
                response = self._answer(client, address, 0)
            try:
                yield Download(_first_byte(address, response, from_byte), _chunks(address, response))
            finally:
                response.close()

    def _client(self, address: str) -> httpx.Client:
        # A proxy has no business between this machine and itself.
        trust_env = self._schemes is Schemes.HTTPS_ONLY
        try:
            return httpx.Client(timeout=_TIMEOUTS, trust_env=trust_env)
        except (OSError, ValueError) as error:
            raise DownloadFailedError(address, f"the certificates or proxies of this machine are wrong: {error}") from error

    def _answer(self, client: httpx.Client, address: str, from_byte: int) -> httpx.Response:
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={from_byte}-"} if from_byte else {})
        url = httpx.URL(address)
        for _ in range(MOST_REDIRECTS + 1):
            self._insist_on_scheme(address, url)
            response = client.send(client.build_request("GET", url, headers=headers), stream=True)
            if response.next_request is None:
                return response
            url = response.next_request.url
            response.close()
        raise DownloadFailedError(address, f"more than {MOST_REDIRECTS} redirects")

    def _insist_on_scheme(self, address: str, url: httpx.URL) -> None:
        loopback = self._schemes is Schemes.LOOPBACK_HTTP_TOO and url.scheme == "http" and url.host in _LOOPBACK
        if url.scheme != "https" and not loopback:
            raise DownloadFailedError(address, f"it leads to {url.scheme}://{url.host}, and only https is allowed")


def _first_byte(address: str, response: httpx.Response, from_byte: int) -> int:
    if response.status_code == HTTPStatus.OK:
        return 0
    if response.status_code != HTTPStatus.PARTIAL_CONTENT:
        raise DownloadFailedError(address, f"the answer was {response.status_code} {response.reason_phrase}".rstrip())
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if found is None or int(found[1]) != from_byte:
        raise DownloadFailedError(address, "the answer is not the part that was asked for")
    return from_byte


def _chunks(address: str, response: httpx.Response) -> Iterator[bytes]:
    with _translated(address):
        yield from response.iter_raw(CHUNK_BYTES)


@contextmanager
def _translated(address: str) -> Iterator[None]:
    try:
        yield
    except _FOREIGN_ERRORS as error:
        raise DownloadFailedError(address, str(error) or type(error).__name__) from error
