"""WACZ files (Webrecorder): ZIP archives of web archives, with an index and pictures beside them."""

from typing import ClassVar, Final

from ingest.containers.archives.zip_archive import ZipContents
from ingest.containers.archives.zip_directory import LOCAL_MAGIC, Entry
from ingest.containers.container import Container
from ingest.kinds import Head

__all__ = ["CONTAINER"]

_ENDINGS = (".warc", ".warc.gz")
_FOLDERS = ("archive/", "indexes/", "pages/", "datapackage", "fuzzy.json", "logs/")


class _Captures(ZipContents):
    """The web archives of the file."""

    label: ClassVar[str] = "the WACZ file"

    def skip(self, entry: Entry) -> str | None:
        """Returns why all but archive/*.warc and *.warc.gz are left out."""
        name = entry.name.lower()
        return None if name.startswith("archive/") and name.endswith(_ENDINGS) else "a file about the web archive"


def _sniff(head: Head) -> bool:
    """Tells a ZIP archive by its first file and one of the web archives, or by its name."""
    if not head.data.startswith(LOCAL_MAGIC):
        return False
    names = head.zip_names
    if head.extension == ".wacz":
        return True
    captures = any(name.startswith("archive/") and name.endswith(_ENDINGS) for name in names)
    return captures and names[0].startswith(_FOLDERS)


CONTAINER: Final = Container(
    media_type="application/wacz",
    label="a collection of web archives (WACZ)",
    description="the web archives in it, and their pages",
    emptiness="it has no web archive (archive/*.warc.gz)",
    extensions=(".wacz",),
    content_only=True,
    sniff=_sniff,
    contents=_Captures,
    verbatim=False,
)
