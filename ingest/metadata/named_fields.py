"""Metadata from fields that carry names (JSON, front matter, labelled lines): what exports call a title or a date.

The names are those of feeds, WordPress, NewsAPI, Event Registry and webz.io, of the scrapers news-please, newspaper4k,
trafilatura, fundus and Media Cloud's story-indexer, and of research corpora. Case and marks do not count:
`datePublished` is `date_published`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from ingest.documents import Fact, FactSource, Metadata
from ingest.metadata.author_names import tidy_names
from ingest.metadata.dates import parse_date
from ingest.metadata.fields import as_text, make_metadata
from ingest.metadata.printed_values import printed_value

__all__ = [
    "FIELD_NAMES",
    "LEAD",
    "TEXT",
    "folded",
    "is_headline_alone",
    "named_metadata",
    "names_table",
    "read_fields",
    "text_fields",
]

TEXT: Final = "text"
LEAD: Final = "lead"

# Of the text, and of each field of Metadata, in the order in which they are tried.
_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    TEXT: (
        "text", "content", "body", "article_body", "main_text", "body_text", "full_text", "plain_text", "raw_text",
        "article_text", "article", "document", "contents", "paragraphs", "content:encoded", "content_html",
        "text_content", "content_text", "full_content", "article_content", "story_text", "news_text", "cleaned_text",
        "raw_content", "body_html", "html", "raw_html", "texto", "contenido", "conteúdo", "texte", "contenu", "inhalt",
        "artikeltext", "testo", "contenuto", "cuerpo", "corpo", "treść", "текст", "正文",
        # ninjs, dpa, and tables of spreadsheets and corpora.
        "body_xhtml", "bodies", "article_html", "article_body_html", "post_content", "full_article", "news_content",
        "sentences", "sentence", "volltext", "fließtext", "texto_completo", "texte_intégral", "inhoud", "tekst",
        "brödtext", "innehåll", "sisältö", "teksti", "içerik", "metin", "содержание", "полный_текст", "κείμενο",
        "内容", "內容", "本文", "본문", "내용", "المحتوى", "النص", "isi_berita", "nội_dung",
    ),
    # What serves as the text where no field holds one, and others tell that it is of an article.
    LEAD: (
        "main", "story", "news", "description", "summary", "abstract", "description_text", "short_description",
        "excerpt", "teaser", "lead", "lede", "standfirst", "snippet", "intro", "introduction", "description_html",
        "lead_text", "beschreibung", "zusammenfassung", "vorspann", "resumen", "descripción", "entradilla", "résumé",
        "chapô", "descrição", "resumo", "riassunto", "sommario", "descrizione", "streszczenie", "анонс", "лид",
        "аннотация", "описание", "摘要", "概要", "요약", "الملخص", "özet", "περίληψη",
    ),
    "title": (
        "title", "headline", "headlines", "web_title", "article_title", "news_title", "title_full", "title_page",
        "title_rss", "titel", "titre", "título", "titulo", "titolo", "titular", "überschrift", "schlagzeile", "tytuł",
        "заголовок", "τίτλος", "başlık", "标题", "標題", "タイトル", "見出し", "제목", "العنوان", "heading",
        "rubrik", "otsikko", "kop", "judul", "tiêu_đề",
    ),
    "byline": (
        "author", "byline", "authors", "creator", "author_name", "author_names", "article_author", "writer",
        "journalist", "reporter", "autor", "autorin", "autores", "autoren", "auteur", "auteurs", "autore", "autori",
        "verfasser", "författare", "автор", "συντάκτης", "yazar", "作者", "記者", "著者", "기자", "الكاتب",
        "by", "bylines", "account",
    ),
    "publisher": (
        "source", "publisher", "site_name", "publication", "newspaper", "outlet", "site", "media_name", "source_name",
        "publisher_name", "news_source", "source_title", "media_outlet", "website", "source-hostname", "source_domain",
        "site_full", "canonical_domain", "hostname", "domain",
        "quelle", "zeitung", "fuente", "fonte", "periódico", "jornal", "giornale", "journal", "źródło", "källa", "bron",
        "источник", "πηγή", "kaynak", "来源", "來源", "出典", "출처", "المصدر",
        "infosources", "infosource", "creditline", "copyright_holder", "издание", "媒体", "媒體",
    ),
    "published": (
        "date", "published_at", "published", "pub_date", "date_published", "publish_date", "date_publish",
        "published_date", "publication_date", "published_on", "published_time", "web_publication_date",
        "publishing_date", "published_utc", "publish_time", "publication_time", "date_time_pub", "time_published",
        "release_date", "post_date", "date_time", "datum", "veröffentlicht", "erscheinungsdatum", "fecha", "data",
        "date_de_publication", "fecha_de_publicación", "data_de_publicação", "data_di_pubblicazione", "data_publikacji",
        "дата", "ημερομηνία", "tarih", "日期", "日付", "날짜", "التاريخ",
        "version_created", "content_created", "first_created", "created_at", "date_created",
        "发布时间", "發布時間",
    ),
    "language": ("language", "lang", "in_language", "language_code", "full_language", "source_lang", "sprache",
                 "langue", "idioma", "lingua", "språk", "язык"),
    "url": (
        "url", "link", "canonical_url", "canonical", "permalink", "web_url", "article_url", "source_url",
        "requested_url", "responded_url", "original_url", "normalized_url", "page_url", "document_url", "external_url",
        "target_uri", "warc_target_uri", "source_uri", "uri", "source",
    ),
    "description": (
        "description", "summary", "abstract", "description_text", "short_description", "excerpt", "teaser", "lead",
        "lede", "standfirst", "subtitle", "subhead", "snippet", "description_html", "meta_description",
        "beschreibung", "zusammenfassung", "vorspann", "resumen", "descripción", "entradilla", "résumé", "chapô",
        "descrição", "resumo", "riassunto", "sommario", "descrizione", "анонс", "аннотация", "описание", "摘要",
        "概要", "요약",
    ),
    "section": (
        "section", "section_name", "article_section", "category", "categories", "category_name", "rubric", "rubrics",
        "desk", "news_desk", "rubrik", "ressort", "rubrique", "sección", "categoría", "seção", "categoria", "sezione",
        "рубрика", "раздел", "категория", "分类", "分類", "카테고리",
    ),
    "tags": (
        "tags", "keywords", "topics", "keyword_names", "news_keywords", "labels", "subjects", "subject", "schlagworte",
        "schlagwörter", "stichworte", "mots_clés", "etiquetas", "palabras_clave", "palavras_chave", "parole_chiave",
        "теги", "ключевые_слова", "关键词", "標籤", "키워드",
    ),
    "updated": (
        "updated_at", "updated", "date_modified", "modified", "modified_at", "date_modify", "last_modified",
        "modified_date", "update_date", "updated_date", "date_updated", "last_updated", "modified_time", "edited_at",
        "lastmod", "aktualisiert", "geändert", "actualizado", "mis_à_jour", "aggiornato", "обновлено",
    ),
    "captured": (
        "captured_at", "crawled_at", "crawl_date", "date_crawled", "crawled", "crawl_time", "fetched_at", "fetch_date",
        "date_download", "download_date", "downloaded_at", "scraped_at", "scrape_date", "retrieved_at", "retrieved",
        "date_retrieved", "accessed", "warc_date", "indexed_date", "date_collected",
    ),
}  # fmt: skip
# What NewsAPI calls the fields of an article, and GNews.
_APIS: Final = (frozenset({"publishedat", "urltoimage"}), frozenset({"publishedat", "image", "source"}))
_MAX_KNOWN: Final = 2048
_MAX_KNOWN_CHARACTERS: Final = 60
_BRACKETS: Final = ("[", "(", "{")
_ROW_NAMES: Final[Mapping[str, str]] = {
    TEXT: "text (JSON, tables)",
    LEAD: "text, if no other is there, and a title and a date, url, byline or publisher",
    "published": "date",
}


def folded(name: str) -> str:
    """Returns the name without case and marks, as `FIELD_NAMES` has it."""
    return _folded(name) if len(name) <= _MAX_KNOWN_CHARACTERS else _fold(name)


def _fold(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


_folded = lru_cache(_MAX_KNOWN)(_fold)  # the records of a file have the same names


FIELD_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    kind: tuple(map(folded, names)) for kind, names in _SPELLINGS.items()
}
"""The folded names of the text and of each field of Metadata, in the order in which they are tried."""


def _kinds_of_names() -> dict[str, list[tuple[str, int]]]:
    kinds: dict[str, list[tuple[str, int]]] = {}
    for kind, names in FIELD_NAMES.items():
        for rank, name in enumerate(names):
            kinds.setdefault(name, []).append((kind, rank))
    return kinds


_KINDS: Final = _kinds_of_names()
"""Of each folded name what it may say, and its rank among the names that say that."""


def _present(names: Collection[str]) -> dict[str, list[str]]:
    """Returns the names of each kind, in the order in which they are tried: a record has ten of 500."""
    ranked: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        for kind, rank in _KINDS.get(name, ()):
            ranked.setdefault(kind, []).append((rank, name))
    return {kind: [name for _, name in sorted(of_kind)] for kind, of_kind in ranked.items()}


def text_fields(names: Collection[str]) -> tuple[str, ...]:
    """Returns which of the folded names may be those of a text, in the order in which they are tried.

    A summary is a text only of what has a title, and a date, an address or somebody who wrote or published it.
    """
    present = _present(names)
    tells_article = "title" in present and not present.keys().isdisjoint(("published", "url", "byline", "publisher"))
    return (*present.get(TEXT, ()), *(present.get(LEAD, ()) if tells_article else ()))


def is_headline_alone(names: Collection[str]) -> bool:
    """Tells whether a record without a text tells an article by its headline: it has no field for more than a summary.

    Where there is a field for the text, and nothing in it, something went wrong; but NewsAPI and its like name all
    their fields, and of some sources they have no more than the headline.
    """
    is_of_api = any(marks <= set(names) for marks in _APIS)
    return bool(text_fields(names)) and (is_of_api or TEXT not in _present(names))


def named_metadata(fields: Mapping[str, Any], source: FactSource) -> Metadata:
    """Returns the metadata in fields by their folded names: of each kind the first that can be read.

    An address is no publisher and no byline: trafilatura calls the page's URL its `source`.
    """
    return read_fields(fields, source)[0]


def read_fields(fields: Mapping[str, Any], source: FactSource) -> tuple[Metadata, set[str]]:
    """Returns the metadata as `named_metadata` does, and the folded names of the fields that it was read from."""
    if not fields:  # as in most plain text
        return Metadata(), set()
    present = _present(fields)
    language = next((text for _, text in _accepted(fields, "language", present, None)), None)
    found = {kind: one for kind in present if kind in _METADATA
             if (one := next(_accepted(fields, kind, present, language), None))}  # fmt: skip
    metadata = make_metadata(**{kind: Fact(text, source) for kind, (_, text) in found.items()})
    return metadata, {name for name, _ in found.values()}


_METADATA: Final = frozenset(kind for kind in FIELD_NAMES if kind not in {TEXT, LEAD})


def _accepted(
    fields: Mapping[str, Any], kind: str, present: Mapping[str, Sequence[str]], language: str | None
) -> Iterator[tuple[str, str]]:
    """Yields the names of a kind whose fields say something of it, in their order, with what they say."""
    accepts = _ACCEPTS.get(kind)
    for name in present.get(kind, ()):
        text = as_text(_value(fields[name]))
        if text and (accepts is None or accepts(text, language)):
            yield name, text


def _value(value: Any) -> Any:
    """Returns a value of a field; a list or an object where it is written as text."""
    return printed_value(value) if isinstance(value, str) and value.lstrip()[:1] in _BRACKETS else value


def _is_url(text: str, _language: str | None = None) -> bool:
    return text.lower().startswith(("http://", "https://"))


def _is_no_url(text: str, _language: str | None = None) -> bool:
    return not _is_url(text)


def _is_named(text: str, _language: str | None = None) -> bool:
    return tidy_names(text) is not None


# What a field is passed over for; other fields take the first text there is.
_ACCEPTS: Final[Mapping[str, Callable[[str, str | None], object]]] = {
    "byline": _is_named,
    "publisher": _is_no_url,
    "published": parse_date,
    "updated": parse_date,
    "captured": parse_date,
    "section": _is_no_url,
    "url": _is_url,
}


def names_table() -> str:
    """Returns the documentation's table of the names, in Markdown."""
    rows = (
        f"| {_ROW_NAMES.get(kind, kind)} | {', '.join(f'`{name}`' for name in names)} |"
        for kind, names in _SPELLINGS.items()
    )
    return "\n".join(["| of the article | names |", "|---|---|", *rows])
