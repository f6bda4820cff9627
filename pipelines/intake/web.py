"""HTTP for fsspec: pages that list files, and only what lies below the channel's own address.

What belongs here: which links are followed. What does not: what is done with files (`remote.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import aiohttp
from fsspec.implementations.http import HTTPFileSystem

PAGE_BYTES = 10_000_000
MAX_LINKS = 50_000
"""Of one page: each costs a question for its size and time."""
_AT_ONCE = 8
"""Files whose size and time are asked for at the same time."""


class Web(HTTPFileSystem):
    """Redirects are answers that cannot be used: they might lead anywhere."""

    def __init__(
        self, user: str | None, password: str | None, seconds: float, whole_seconds: float
    ) -> None:
        headers = {"Accept-Encoding": "identity"}
        if user:
            headers["Authorization"] = aiohttp.encode_basic_auth(user, password or "", "utf-8")
        client: dict[str, Any] = {
            "timeout": aiohttp.ClientTimeout(whole_seconds, connect=seconds, sock_read=seconds),
            "raise_for_status": _insist,
            "headers": headers,
        }
        super().__init__(
            client_kwargs=client,
            encoded=True,
            allow_redirects=False,
            skip_instance_cache=True,
            use_listings_cache=False,
        )

    async def _ls_real(
        self,
        url: str,
        detail: bool = True,
        **_: object,
    ) -> list[Any]:
        session = await self.set_session()
        async with session.get(self.encode_url(url), **self.kwargs) as answer:
            page = await answer.content.read(PAGE_BYTES)
            while len(page) < PAGE_BYTES and (more := await answer.content.read(PAGE_BYTES)):
                page += more
        links = links_below(url, page[:PAGE_BYTES].decode("utf-8", errors="replace"))
        if len(links) > MAX_LINKS:
            raise OSError(f"> {MAX_LINKS} links")
        if not detail:
            return links
        gate = asyncio.Semaphore(_AT_ONCE)

        async def look(link: str) -> dict[str, Any]:
            if link.endswith("/"):
                return {"name": link, "size": None, "type": "directory"}
            async with gate:
                try:
                    return {**await self._info(link), "name": link, "type": "file"}
                except FileNotFoundError:  # a dead link: fetching it will say so by name
                    return {"name": link, "size": None, "type": "file"}

        return await asyncio.gather(*map(look, links))


def links_below(url: str, page: str) -> list[str]:
    """Addresses of the page's links that lie below the page itself, spelled in one way."""
    finder = _Links()
    finder.feed(page)
    below = (_below(url, link) for link in finder.found)
    return sorted({link for link in below if link})


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def _below(url: str, link: str) -> str | None:
    try:
        page, target = urlsplit(url), urlsplit(urljoin(url, link.strip()))
    except ValueError:
        return None
    is_there = (target.scheme, target.netloc) == (page.scheme, page.netloc) and not target.query
    if not is_there or not target.path.startswith(page.path) or target.path == page.path:
        return None
    names = target.path.removeprefix(page.path).split("/")
    plain = [unquote(name, errors="surrogateescape") for name in names]
    if not all(_is_plain(name) for name in plain[: -1 if plain[-1] == "" else None]):
        return None
    spelled = "/".join(quote(name, safe="", errors="surrogateescape") for name in plain)
    return f"{page.scheme}://{page.netloc}{page.path}{spelled}"


def _is_plain(name: str) -> bool:
    return name not in ("", ".", "..") and not any(one in name for one in "/\\\0")


async def _insist(answer: aiohttp.ClientResponse) -> None:
    """Take an answer only when it is what was asked for."""
    if answer.status in (404, 410):
        raise FileNotFoundError(f"HTTP {answer.status}")
    if answer.status in (401, 403):
        raise PermissionError(f"HTTP {answer.status}")
    if answer.status != 200:
        where = answer.headers.get("Location")
        raise OSError(f"HTTP {answer.status}" + (f" to {where}" if where else ""))
