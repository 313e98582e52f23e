"""An upstream on this machine that can cut connections, ignore ranges, redirect and lie."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Upstream:
    """What the server serves, and what it was asked for."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    cut_after_bytes: list[int] = field(default_factory=list)
    """How many bytes the next answers carry before the connection is cut."""
    knows_ranges: bool = True
    lies_about_range: bool = False
    ranges_asked: list[str] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Upstream]:
    """Serve on a free port of the loopback until the block ends."""
    upstream = Upstream()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(upstream))
    server.daemon_threads = True
    upstream.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield upstream
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler_of(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path in upstream.redirects:
                self.send_response(302)
                self.send_header("Location", upstream.redirects[self.path])
                self.end_headers()
            elif self.path in upstream.files:
                self._answer(upstream.files[self.path])
            else:
                self.send_error(404)

        def _answer(self, content: bytes) -> None:
            asked = self.headers.get("Range", "")
            upstream.ranges_asked.append(asked)
            first = int(asked.removeprefix("bytes=").rstrip("-")) if asked and upstream.knows_ranges else 0
            if first >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if first else 200)
            if first:
                said = first + 1 if upstream.lies_about_range else first
                self.send_header("Content-Range", f"bytes {said}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - first))
            self.end_headers()
            rest = content[first:]
            self.wfile.write(rest[: upstream.cut_after_bytes.pop(0)] if upstream.cut_after_bytes else rest)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is that of the base class)
            """Keep the test output clean."""

    return Handler
