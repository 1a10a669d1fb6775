"""Mailboxes (mbox, RFC 4155): mails one behind the other, each below a line that begins with "From "."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.containers.container import START, Container, Cursor, Member
from ingest.containers.export import ExportContents, Slice
from ingest.kinds import HEAD_BYTES, Head
from ingest.office.mail_head import is_mailbox

__all__ = ["CONTAINER"]

# The line is written by asctime(3); some add a zone before or after the year. In a text it would be ">From ".
_FROM = re.compile(
    rb"^From \S{1,320} +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:\d{1,2} +)?"
    rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,4} +\d\d:\d\d[^\n]{0,40}$\n?",
    re.MULTILINE,
)


class _Mails(ExportContents):
    """The mails, without the lines between them."""

    media_type = "message/rfc822"

    def slices(self, position: int) -> Iterator[Slice]:
        """Yields what lies between the lines; what stands above the first one is none."""
        start: int | None = None
        for line in self.lines(_FROM, position):
            if start is not None:
                yield Slice(start, line.start, line.start)
            start = line.end
        if start is not None:
            end = self.end_of_file()
            yield Slice(start, end, end)

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the mails with their beginnings: one may hold articles of a database."""
        for member in super().members(cursor):
            self._stream.seek(member.offset_bytes)
            head = self._stream.read(min(member.length_bytes, HEAD_BYTES))
            yield member._replace(media_type=None, head=head, file_name=f"mail {member.ordinal}.eml")


def _sniff(head: Head) -> bool:
    return is_mailbox(head.text)


CONTAINER: Final = Container(
    media_type="application/mbox",
    label="a mailbox",
    description="the mails in it",
    emptiness="no line begins a mail",
    extensions=(".mbox",),
    sniff=_sniff,
    contents=_Mails,
    redact=_Mails.redact,
)
