"""All kinds of files that Newsmill tells apart, in order. A new format or container is one line here."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from ingest.containers import (
    conllu_documents,
    factiva_documents,
    json_lines,
    mailbox,
    nexis_documents,
    nexis_uni_documents,
    proquest_documents,
    wire_messages,
)
from ingest.containers.archives import compressed, libarchive_files, tar_archive, wacz, zip_archive
from ingest.containers.container import Container
from ingest.containers.databases import (
    document_exports,
    europresse_pages,
    factiva_pages,
    integrum_pages,
    nexis_pages,
    proquest_pages,
)
from ingest.containers.tables import delimited_rows, json_arrays, parquet_rows, spreadsheets, sqlite_rows
from ingest.containers.web import packed_records, plain_records
from ingest.containers.xml import corpora, feeds, news_lists, news_messages, wiki_dumps
from ingest.formats import (
    conllu,
    doc,
    docx,
    epub,
    factiva,
    html,
    json_object,
    mail,
    markdown,
    mhtml,
    nexis,
    nexis_uni,
    odp,
    odt,
    pdf,
    ppt,
    pptx,
    proquest,
    refusals,
    rtf,
    text,
    web_record,
    webarchive,
    wire,
)
from ingest.formats.format import Format
from ingest.formats.refusals import Refusal
from ingest.formats.xml import (
    alto,
    corpus_document,
    feed_item,
    news_record,
    newsml_1,
    newsml_g2,
    nitf,
    other_xml,
    tei,
    wiki_page,
)
from ingest.kinds import Kind

__all__ = ["REGISTRY", "Registry"]


class Registry:
    """Kinds of files in the order in which they are asked, and the format of what none of them recognises.

    `formats`, `containers` and `refusals` are by media type. `by_extension` says whose a file is that no kind knows by
    its content.
    """

    def __init__(self, kinds: Sequence[Kind], fallback: Format) -> None:
        """Raises ValueError for two kinds of one media type, unless both are refusals, and of one extension."""
        every = (*kinds, fallback)
        self.kinds = tuple(kinds)
        self.fallback = fallback
        self.refusals: dict[str, list[Refusal]] = {}
        for kind in every:
            if isinstance(kind, Refusal):
                self.refusals.setdefault(kind.media_type, []).append(kind)
        self.formats = {kind.media_type: kind for kind in every if isinstance(kind, Format)}
        self.containers = {kind.media_type: kind for kind in every if isinstance(kind, Container)}
        self.by_extension = {one: kind for kind in every if not kind.content_only for one in kind.extensions}
        media_types = [kind.media_type for kind in every if not isinstance(kind, Refusal)]
        _require_unique([*media_types, *self.refusals])
        _require_unique(one for kind in every if not kind.content_only for one in kind.extensions)

    @property
    def media_types(self) -> tuple[str, ...]:
        """Returns those of all kinds, in alphabetical order."""
        return tuple(sorted({*self.formats, *self.containers, *self.refusals}))

    def refusal(self, media_type: str, data: bytes) -> Refusal | None:
        """Returns which of the refused kinds of this media type the bytes are; None for a type that is not refused."""
        of_type = self.refusals.get(media_type, ())
        signed = (refusal for refusal in of_type if refusal.signature and refusal.signature(data))
        return next(signed, next((refusal for refusal in of_type if not refusal.signature), None))


def _require_unique(names: Iterable[str]) -> None:
    shared = [name for name, times in Counter(names).items() if times > 1]
    if shared:
        raise ValueError(f"claimed by several kinds of files: {', '.join(shared)}")


REGISTRY: Final = Registry(
    (
        # By bytes. Documents that are ZIP archives inside come before archives.
        wire_messages.CONTAINER,
        wire.FORMAT,
        sqlite_rows.CONTAINER,
        parquet_rows.CONTAINER,
        spreadsheets.CONTAINER,
        pdf.FORMAT,
        document_exports.WORD,
        docx.FORMAT,
        pptx.FORMAT,
        doc.FORMAT,
        ppt.FORMAT,
        odp.FORMAT,
        odt.FORMAT,
        epub.FORMAT,
        document_exports.RTF,
        rtf.FORMAT,
        webarchive.FORMAT,
        *refusals.BY_SIGNATURE,
        wacz.CONTAINER,
        zip_archive.CONTAINER,
        libarchive_files.SEVEN_ZIP,
        libarchive_files.RAR,
        packed_records.PACKED_WARC,
        packed_records.PACKED_ARC,
        compressed.GZIP,
        compressed.BZIP2,
        compressed.XZ,
        compressed.ZSTANDARD,
        tar_archive.CONTAINER,
        plain_records.WARC_FILE,
        plain_records.ARC_FILE,
        refusals.BINARY,
        # By how a text begins. What has narrower marks goes before what has wider ones.
        mailbox.CONTAINER,
        mhtml.FORMAT,
        document_exports.MAIL,
        mail.FORMAT,
        *refusals.BY_PREAMBLE,
        # By the first elements of XML and SGML. Lists of articles are told by no names of their own.
        feeds.WORDPRESS,
        feeds.CONTAINER,
        feed_item.FORMAT,
        news_messages.CONTAINER,
        news_messages.NEWSML_1,
        newsml_g2.FORMAT,
        newsml_1.FORMAT,
        nitf.FORMAT,
        tei.FORMAT,
        corpora.TEI_CORPUS,
        alto.FORMAT,
        wiki_dumps.CONTAINER,
        wiki_page.FORMAT,
        corpora.CONTAINER,
        corpus_document.FORMAT,
        news_lists.CONTAINER,
        news_record.FORMAT,
        other_xml.FORMAT,
        # By the marks of databases, within web pages.
        nexis_pages.CONTAINER,
        factiva_pages.CONTAINER,
        europresse_pages.CONTAINER,
        proquest_pages.CONTAINER,
        integrum_pages.CONTAINER,
        html.FORMAT,
        json_lines.CONTAINER,
        json_arrays.CONTAINER,
        json_object.FORMAT,
        # By the labels of databases.
        nexis_documents.CONTAINER,
        nexis_uni_documents.CONTAINER,
        proquest_documents.CONTAINER,
        factiva_documents.CONTAINER,
        conllu_documents.CONTAINER,
        # By a line of names above lines as wide.
        delimited_rows.CONTAINER,
        # What only containers hold.
        nexis.FORMAT,
        nexis_uni.FORMAT,
        proquest.FORMAT,
        factiva.FORMAT,
        conllu.FORMAT,
        web_record.FORMAT,
        # By name.
        markdown.FORMAT,
        *refusals.BY_NAME,
    ),
    fallback=text.FORMAT,
)
"""What the mill reads and refuses."""
