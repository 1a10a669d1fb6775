"""Containers of every kind that standard libraries write, around given stories."""

import csv
import gzip
import io
import json
import sqlite3
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

__all__ = ["KINDS", "Packed", "Story", "pack"]


class Story(NamedTuple):
    """A story: its title, and its text with blank lines between paragraphs."""

    title: str
    text: str

    @property
    def page(self) -> str:
        """It as a web page."""
        paragraphs = "".join(f"<p>{escape(one)}</p>" for one in self.text.split("\n\n") if one.strip())
        title = escape(self.title)
        return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{paragraphs}</body></html>"


class Packed(NamedTuple):
    """A container's name and bytes."""

    name: str
    content: bytes


def pack(kind: str, stories: Sequence[Story]) -> Packed:
    """Returns a container of one of KINDS with these stories, a document each."""
    return Packed(f"many.{kind}", KINDS[kind](stories))


def _lines(stories: Sequence[Story]) -> bytes:
    return "".join(json.dumps(story._asdict()) + "\n" for story in stories).encode()


def _array(stories: Sequence[Story]) -> bytes:
    return json.dumps({"status": "ok", "articles": [story._asdict() for story in stories]}).encode()


def _rows(stories: Sequence[Story]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([Story._fields, *stories])
    return written.getvalue().encode()


def _feed(stories: Sequence[Story]) -> bytes:
    items = "".join(
        f"<item><title>{escape(story.title)}</title><description>{escape(escape(story.page))}</description></item>"
        for story in stories
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode()


def _zip(stories: Sequence[Story]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("news")
        for number, story in enumerate(stories):
            archive.writestr(f"news/{number}.html", story.page)
    return written.getvalue()


def _tar(stories: Sequence[Story]) -> bytes:
    """A feed and a file of lines, each with half of the stories."""
    half = len(stories) // 2
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, content in (("a.rss", _feed(stories[:half])), ("b.jsonl", _lines(stories[half:]))):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return written.getvalue()


def _database(stories: Sequence[Story]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.db"
        with sqlite3.connect(path) as connection:
            connection.execute("create table articles (title text, text text)")
            connection.executemany("insert into articles values (?, ?)", stories)
        connection.close()
        return path.read_bytes()


def _warc(stories: Sequence[Story]) -> bytes:
    """A response with each page, compressed one by one, and a request before it."""
    records = b""
    for number, story in enumerate(stories):
        address = f"https://news.example/{number}"
        page = story.page.encode()
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
        for kind, content in (("request", b"GET / HTTP/1.1\r\n\r\n"), ("response", answer)):
            head = (
                f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2031-03-04T05:06:07Z\r\n"
                f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
                f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(content)}\r\n\r\n"
            )
            records += gzip.compress(head.encode() + content + b"\r\n\r\n", mtime=0)
    return records


def _mailbox(stories: Sequence[Story]) -> bytes:
    mails = (
        f"From a@news.example Tue Mar  4 05:06:07 2031\nFrom: News <a@news.example>\nSubject: {story.title}\n"
        f"MIME-Version: 1.0\nMessage-ID: <{number}@news.example>\nContent-Type: text/plain; charset=utf-8\n\n"
        f"{story.text.strip()}\n\n"
        for number, story in enumerate(stories)
    )
    return "".join(mails).encode()


KINDS: dict[str, Callable[[Sequence[Story]], bytes]] = {
    "jsonl": _lines,
    "json": _array,
    "csv": _rows,
    "rss": _feed,
    "zip": _zip,
    "tar.gz": _tar,
    "db": _database,
    "warc.gz": _warc,
    "mbox": _mailbox,
}
"""How each kind is written, by the ending of its name."""
