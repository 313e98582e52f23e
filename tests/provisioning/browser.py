"""Asks a web application without a network, one question after the other."""

from __future__ import annotations

import asyncio

import httpx
from fastapi import FastAPI


class Browser:
    """Each call is one request of a client at this address."""

    def __init__(self, app: FastAPI, address: str) -> None:
        self._app = app
        self._address = address

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """Ask for a page."""
        return self.request("GET", path, headers=headers)

    def request(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, content: bytes | None = None
    ) -> httpx.Response:
        """Ask in any way."""
        return asyncio.run(self._request(method, path, headers, content))

    async def _request(self, method: str, path: str, headers: dict[str, str] | None, content: bytes | None) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url=self._address) as client:
            return await client.request(method, path, headers=headers, content=content)
