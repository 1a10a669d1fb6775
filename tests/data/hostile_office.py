"""Hostile office documents, books, mails and saved pages: bombs, parts without end, lengths that lie, loops."""

import plistlib
from base64 import b64encode
from collections.abc import Callable
from struct import pack

from tests.data.hostile_bytes import PROSE, fill
from tests.data.office_files import Shown, compound, doc, docx, epub, odp, odt, pdf, ppt, ppt_text, pptx, record, zipped

__all__ = ["OFFICE"]

_P = f"<w:p><w:r><w:t>{PROSE}</w:t></w:r></w:p>"
_MAIL = "From: Jane Doe <jane@amber.example>\nSubject: A bridge\nMIME-Version: 1.0\n"


def _filled(unit: str, size: int) -> str:
    return fill(unit, size).decode()


def _document(xml: str) -> bytes:
    return zipped({"word/document.xml": xml, "_rels/.rels": "<a/>"})


def _many_parts(size: int) -> bytes:
    return zipped(
        {f"word/part{number}.xml": b"" for number in range(max(1, size // 120))} | {"word/document.xml": "<a/>"}
    )


def _lying(size: int) -> bytes:
    """A part whose header says that it is empty."""
    data = bytearray(docx(_filled(_P, size)))
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 24 : at + 28] = bytes(4)
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def _circle(data: bytes) -> bytes:
    """A compound file whose table of sectors lists one sector without end."""
    return data[:76] + data[76:80] * 109 + data[512:]


def _pages(size: int) -> bytes:
    """As many pages as fit into the file, all of them the same."""
    one = pdf([Shown(60, 700, PROSE[:60])])
    count = max(1, size // 8)
    return one.replace(b"/Kids [5 0 R] /Count 1", b"/Kids [" + b"5 0 R " * count + b"] /Count %d" % count)


def _pdf(make: Callable[[int], list[Shown]], per_line: int) -> Callable[[int], bytes]:
    return lambda size: pdf(make(max(1, size // per_line)))


def _nested_mail(size: int) -> bytes:
    parts = "".join(
        f'Content-Type: multipart/mixed; boundary="b{level}"\n\n--b{level}\n' for level in range(max(1, size // 60))
    )
    return f"{_MAIL}{parts}Content-Type: text/plain\n\n{PROSE}\n".encode()


def _mail(fields: str, unit: str) -> Callable[[int], bytes]:
    return lambda size: f"{_MAIL}{fields}\n\n{_filled(unit, size)}\n".encode("utf-8", "surrogatepass")


def _rtf(unit: str) -> Callable[[int], bytes]:
    return lambda size: b"{\\rtf1\\ansi{\\fonttbl{\\f0\\fcharset128 A;}}" + fill(unit, size) + PROSE.encode() + b"}"


def _archive(size: int) -> bytes:
    page = {"WebResourceData": fill(f"<p>{PROSE}</p>", size), "WebResourceMIMEType": "text/html"}
    return plistlib.dumps({"WebMainResource": page}, fmt=plistlib.FMT_BINARY)


def _slides_in_slides(size: int) -> bytes:
    """Slides that hold all behind them, hidden in small records: to read them all would take quadratic time."""
    count = max(1, size // 60)
    units = (pack("<HHIHHI", 0xF, 1006, 16 * (count - at), 0, 0, 8) for at in range(count))
    return ppt(*[(b"", b"")] * count, before=b"".join(units) + bytes(8), places=range(0, 16 * count, 16))


def _styles(size: int) -> str:
    return "".join(
        f'<w:style w:styleId="S{at}"><w:name w:val="s{at}"/><w:basedOn w:val="S{at + 1}"/></w:style>'
        for at in range(max(1, size // 90))
    )


def _styled(size: int) -> bytes:
    """As many styles as fit, each based on the next one, and a paragraph of each."""
    paragraphs = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="S{at}"/></w:pPr><w:r><w:t>a</w:t></w:r></w:p>'
        for at in range(max(1, size // 90))
    )
    return docx(paragraphs, styles=_styles(size))


def _slide(body: str) -> str:
    return f"<p:sld><p:cSld><p:spTree>{body}</p:spTree></p:cSld></p:sld>"


def _chapters(size: int) -> bytes:
    return epub({f"c{number}": f"<p>{PROSE}</p>" for number in range(max(1, size // 800))})


OFFICE: dict[str, Callable[[int], bytes]] = {
    "word_bomb.docx": lambda size: zipped({"word/document.xml": b"<a>" + bytes(100 * size) + b" " * (5 << 20)}),
    "word_many_parts.docx": _many_parts,
    "word_lying_length.docx": _lying,
    "word_nested.docx": lambda size: docx(_filled("<w:tbl>", size)),
    "word_paragraphs.docx": lambda size: docx(_filled("<w:p><w:r><w:t>a</w:t></w:r></w:p>", size)),
    "word_one_paragraph.docx": lambda size: docx(f"<w:p><w:r>{_filled('<w:t>a </w:t><w:br/>', size)}</w:r></w:p>"),
    "word_attributes.docx": lambda size: docx("<w:p " + " ".join(f'a{n}="b"' for n in range(max(1, size // 9))) + "/>"),
    "word_laughs.docx": lambda _: _document('<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><a>&d;</a>'),
    "word_file_entity.docx": lambda _: _document('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    "word_styles.docx": _styled,
    "word_cut_off.docx": lambda size: docx(_filled(_P, size))[:-30],
    "text_styles_in_a_circle.odt": lambda size: odt(
        _filled('<text:p text:style-name="A">a</text:p>', size),
        styles='<style:style style:name="A" style:parent-style-name="B"/>'
        '<style:style style:name="B" style:parent-style-name="A"/>',
    ),
    "text_spaces.odt": lambda size: odt("<text:p>a" + _filled('<text:s text:c="99999999"/>', size) + "b</text:p>"),
    "text_spans.odt": lambda size: odt(_filled('<text:p><text:span text:style-name="A">', size)),
    "slides.pptx": lambda size: pptx(
        *[_slide("<p:sp><a:p><a:r><a:t>a</a:t></a:r></a:p></p:sp>")] * max(1, size // 500)
    ),
    "slide_paragraphs.pptx": lambda size: pptx(_slide(_filled("<a:p><a:r><a:t>a</a:t></a:r></a:p>", size))),
    "slide_shown_often.pptx": lambda size: pptx(_slide(f"<a:p>{PROSE}</a:p>"), order=[1] * max(1, size // 40)),
    "slide_nested.pptx": lambda size: pptx(_filled("<a:p>", size)),
    "slides.odp": lambda size: odp(_filled("<draw:page><draw:frame><text:p>a</text:p></draw:frame></draw:page>", size)),
    "old_slides.ppt": lambda size: ppt(*[(ppt_text(PROSE), b"")] * max(1, size // 200)),
    "old_slide_texts.ppt": lambda size: ppt((ppt_text(b"a") * max(1, size // 30), b"")),
    "old_slide_records.ppt": lambda size: ppt((b"", record(0, b"") * max(1, size // 8))),
    "old_slides_in_slides.ppt": _slides_in_slides,
    "old_word.doc": lambda size: doc(_filled(PROSE + "\r", size // 2), title="A bridge"),
    "old_word_fields.doc": lambda size: doc(_filled("\x13", size // 2) + PROSE),
    "old_word_pieces.doc": lambda size: doc(*[b"a\r"] * max(1, size // 14)),
    "old_word_circle.doc": lambda size: _circle(doc(_filled(PROSE, size // 2))),
    "old_word_directory.doc": lambda size: compound({f"a{n}": b"" for n in range(max(1, min(200, size // 5000)))}),
    "book_chapters.epub": _chapters,
    "rtf_groups.rtf": _rtf("{"),
    "rtf_closed.rtf": _rtf("}"),
    "rtf_backslashes.rtf": _rtf("\\"),
    "rtf_control_words.rtf": _rtf("\\b\\i\\f0\\uc1 "),
    "rtf_unicode.rtf": _rtf("\\u-10179 ?"),
    "rtf_hex.rtf": _rtf("\\'83"),
    "rtf_paragraphs.rtf": _rtf("\\par a"),
    "rtf_lying_binary.rtf": _rtf("\\bin9999999999 a"),
    "rtf_styles.rtf": _rtf("{\\stylesheet{\\s1 a;}}"),
    "pages_without_end.pdf": _pages,
    "lines.pdf": _pdf(lambda n: [Shown(60, 800 - k % 70 * 11, f"{PROSE[: 20 + k % 40]} {k}") for k in range(n)], 120),
    "words_apart.pdf": _pdf(lambda n: [Shown(k * 37 % 500, k * 53 % 800, f"a{k}") for k in range(n)], 50),
    "one_place.pdf": _pdf(lambda n: [Shown(60, 700, "a-") for _ in range(n)], 50),
    "sizes.pdf": _pdf(lambda n: [Shown(60, 700, f"a{k} b", 1 + k % 90) for k in range(n)], 50),
    "bomb.pdf": lambda _: pdf([Shown(60, 700, "a" * (17 << 20))], packed=True),
    "cut_off.pdf": lambda size: pdf([Shown(60, 700, PROSE[:60]) for _ in range(max(1, size // 120))])[: size // 2],
    "mail_nested.eml": _nested_mail,
    "mail_parts.eml": _mail("Content-Type: multipart/mixed; boundary=b", "--b\n\n"),
    "mail_edges.eml": _mail("Content-Type: multipart/mixed; boundary=b", "\n--b-"),
    "mail_fields.eml": lambda size: (_MAIL + _filled("X-A: b\n c\n", size) + "\n" + PROSE).encode(),
    "mail_subject.eml": lambda size: (_MAIL + f"Subject: {_filled('=?utf-8?q?a?= ', size)}\n\n{PROSE}").encode(),
    "mail_broken_base64.eml": _mail("Content-Transfer-Encoding: base64", "QQ==*"),
    "mail_base64.eml": lambda size: (
        f"{_MAIL}Content-Transfer-Encoding: base64\n\n{b64encode(fill(PROSE + ' ', size)).decode()}"
    ).encode(),
    "mail_broken_quoted_printable.eml": _mail("Content-Transfer-Encoding: quoted-printable", "=9=\n=ZZ"),
    "mail_flowed.eml": _mail("Content-Type: text/plain; format=flowed", "a \n"),
    "page.mhtml": lambda size: (
        "From: <Saved by Blink>\nSubject: A\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\n"
        f"Content-Type: text/html\n\n{_filled(f'<p>{PROSE}</p>', size)}\n--b--\n"
    ).encode(),
    "page.webarchive": _archive,
    "list_of_lists.webarchive": lambda size: (
        b"<?xml version='1.0'?><plist><dict><key>WebMainResource</key>" + fill("<array>", size)
    ),
}
"""Makers of hostile files by name. Each takes the approximate size in bytes."""
