"""Exports of databases as web pages, with two documents each: invented texts in the markup of each database."""

__all__ = ["EXPORTS", "FACTIVA", "INTEGRUM", "NEXIS", "PROQUEST", "nexis_page"]

_ONE = "The council of Amberford has decided to close the old bridge for repairs."
_TWO = "The work begins in May and costs four million crowns, the mayor said."


def nexis_page(*documents: tuple[str, str, str]) -> str:
    """Returns a page of these: headline, labels as HTML, and the text as HTML."""
    parts = (
        f'<A NAME="DOC_ID_0_{number}"></A><!-- Hide XML section from browser\n<DOC NUMBER={number}>\n<DOCFULL> -->\n'
        f'<BR><DIV CLASS="c0"><P CLASS="c1"><SPAN>{number} of {len(documents)} DOCUMENTS</SPAN></P>\n</DIV>\n'
        '<BR><DIV CLASS="c3"><P CLASS="c1"><SPAN CLASS="c2">Harbour Courier</SPAN></P>\n</DIV>\n'
        '<BR><DIV CLASS="c3"><P CLASS="c1"><SPAN CLASS="c4">March</SPAN><SPAN CLASS="c2"> 4, 2031 Tuesday</SPAN></P>'
        f'\n</DIV>\n<BR><DIV CLASS="c5"><P CLASS="c6"><SPAN CLASS="c7">{headline}</SPAN></P>\n</DIV>\n{labels}'
        f'<BR><DIV CLASS="c5"><P CLASS="c6"><SPAN CLASS="c8">LENGTH: </SPAN><SPAN>24 words</SPAN></P>\n</DIV>'
        f'\n<BR><DIV CLASS="c5">{text}</DIV>\n'
        '<BR><DIV CLASS="c5"><P CLASS="c6"><SPAN CLASS="c8">LOAD-DATE: </SPAN><SPAN CLASS="c2">March 5, 2031</SPAN></P>'
        '</DIV>\n<BR><DIV CLASS="c3"><P CLASS="c1"><SPAN CLASS="c2">Copyright 2031 Harbour Press<BR>All Rights Reserved'
        "</SPAN></P>\n</DIV>\n<!-- Hide XML section from browser\n</DOCFULL>\n</DOC> -->\n"
        for number, (headline, labels, text) in enumerate(documents, 1)
    )
    style = '<STYLE TYPE="text/css"><!--\n.c0 { text-align: center; }\n.c3 { text-align: center; margin-left: 13%; }\n'
    return f"<HTML><HEAD>{style}.c5 {{ text-align: left; }}--></STYLE></HEAD>\n<BODY>{''.join(parts)}</BODY></HTML>"


def _label(name: str, value: str) -> str:
    return f'<BR><DIV CLASS="c5"><P CLASS="c6"><SPAN CLASS="c8">{name}: </SPAN><SPAN>{value}</SPAN></P>\n</DIV>\n'


NEXIS = nexis_page(
    (
        "Old bridge closes",
        _label("BYLINE", "Jane Doe") + _label("LANGUAGE", "ENGLISH"),
        f"<P CLASS='c9'>{_ONE}</P><P>{_TWO.replace('four', '<SPAN>four</SPAN>')}</P>",
    ),
    ("A second;<BR>story", "", f"<P>{_ONE}</P>"),
).encode()


def _factiva(number: str, section: str, headline: str, author: str, text: str) -> str:
    return (
        f'<div id="article-{number}" class="article"><div class="article enArticle"><p>\n</p>{section}'
        f'<div id="hd"><span class="enHeadline">{headline}</span>\n</div>{author}<div>24 words</div><div>4 March 2031'
        "</div><div>Harbour Courier</div><div>HARBC</div><div>12</div><div>English</div>"
        f"<div>Copyright 2031 Harbour Press. All Rights Reserved. </div>\n<p></p>\n{text}"
        f"<p>Document {number}</p></div></div><br><span></span>"
    )


_P = '<p class="articleParagraph enarticleParagraph">{}</p>'
FACTIVA = (
    "<html><head><title>Factiva</title><script>var a = '<div class=\"x\">';</script></head><body><form>"
    + _factiva(
        "HARBC00020310304e7340000a", "<div>Business</div>", "Old bridge closes", '<div class="author">Jane Doe </div>',
        _P.format(_ONE) + _P.format(_TWO.replace("May", "<b>May</b>")),
    )
    + _factiva("HARBC00020310304e7340000b", "", "A second story", "", _P.format(_ONE))
    + '<div id="pageFooter">&copy; 2031 Factiva, Inc. All rights reserved.</div></form></body></html>'
).encode()  # fmt: skip


def _europresse(day: str, headline: str, text: str) -> str:
    return (
        '<table><tr><td><table id="tbHeaderImages"><tr><td id="celPdf"></td></tr></table>'
        '<span class="DocPublicationName">Harbour Courier, no. 12</span><br><span class="DocHeader">Politique, </span>'
        f'<span class="DocHeader">{day}</span><br><br><span class="TitreArticleVisu">{headline}</span><br><br>{text}'
        "<p></p><b><i>© 2031 Harbour Press. Tous droits réservés.</i></b><p></p>Numéro de document : news·20310304·HC·1"
        "<br><table><tr><td>Ce certificat est émis à <b>Université</b>.</td></tr></table></td></tr></table>\n<p><br>"
    )


_EUROPRESSE = (
    '<html><head><META http-equiv="Content-Type" content="text/html; charset=ISO-8859-1"><link'
    ' href="http://www.europresse.example/a.css"></head><body><form><input type="button" value="Annuler"></form>'
    + _europresse(
        "mardi 4 mars 2031",
        'Old <span style="color:red">bridge</span> closes at last',
        f"Jane Doe<br><p></p>{_ONE}<p></p>{_TWO}",
    )
    + _europresse("sans date", "A second story", _ONE)
    + "</body></html>"
).encode("latin-1")


def _integrum(number: int, title: str, author: str, text: str) -> str:
    return (
        f'<br clear="all" style="page-break-before:always"><div align="left"><a name="{number}"></a><table><tr><td>'
        f"^ИС:\n  Harbour Courier \n<br>^РБ:\n  МОНИТОР\n<br>^ДТ:\n  04.03.2031\n<br>{author}^ЗГ:\n  {title}\n<br>"
        f"</td></tr></table><h3>{title}\n</h3><pre>{text}</pre></div>"
    )


INTEGRUM = (
    '<html><head><META http-equiv="Content-Type" content="text/html; charset=windows-1251"><title>Report</title></head>'
    '<body><h3>Report</h3>1. <a href="#1">Мост закрыт</a> <small>Harbour Courier; 04.03.2031; 6;</small>'
    + _integrum(
        1, "<font color=red><b>Мост</b></font> закрыт", "^АВ:\n  Иван Лодкин,\n<br>",
        "\n     " + _ONE.replace(" close", "\nclose") + "\n     Work: begins\nin May.",
    )
    + _integrum(2, "Второй", "", _ONE)
    + "</body></html>"
).encode("cp1251")  # fmt: skip


def _proquest(number: int, title: str, author: str, text: str, below: str) -> str:
    return (
        f'<div style="margin:0"><a name="DocID_MSTAR_{number}"></a><p></p><p style="font-weight:bold;">{title}</p><p>'
        '<span class="scholUnivAuthors">Doe, Jane. </span><span class="newspaperArticle"><strong>Harbour Courier'
        "</strong> [Amberford].&nbsp;04 Mar 2031.\n</span>&nbsp;</p>"
        f'{author}<p><a href="https://proquest.example/docview/{number}">ProQuest document link</a></p><p><strong>'
        "Abstract:  </strong>None available.</p><div><strong>Links: </strong><a href=x>Get it!</a></div><p><strong>"
        "Full text: </strong><Text WordCount='24'><html><head><title></title><!-- </meta> --></head><body>"
        f'<a class="sr-only" title="A picture">Enlarge this image.</a>{text}</body></html></Text></p>{below}<p><strong>'
        "Publication title: </strong>Harbour Courier; Amberford</p><p><strong>Database: </strong>Papers</p><div>&nbsp;"
        "</div></div>"
    )


PROQUEST = (
    "<!DOCTYPE html><html><head><title>ProQuest documents</title><style>.a{}</style></head><body><table><tr><td>"
    + _proquest(
        1, "Old bridge closes", "<p><strong>Author:  </strong>Doe, Jane</p>", f"<p>{_ONE}</p>\n<p>{_TWO}</p>",
        "<p><strong>Subject: </strong>Bridges</p><p><strong>Publication date: </strong>Mar 4, 2031</p><p><strong>"
        "Language of publication: </strong>English</p><p><strong>Document URL: </strong>https://proquest.example/docview/1</p>",
    )
    + _proquest(2, "A second story", "", f"<p>{_ONE}</p>", "<p><strong>Subject: </strong>Bridges</p>")
    + "</td></tr></table><p>Contact ProQuest</p></body></html>"
).encode()  # fmt: skip

EXPORTS: dict[str, bytes] = {
    "nexis_pages": NEXIS,
    "factiva_pages": FACTIVA,
    "europresse_pages": _EUROPRESSE,
    "integrum_pages": INTEGRUM,
    "proquest_pages": PROQUEST,
}
"""By the name of the module that reads them."""
