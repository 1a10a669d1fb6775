import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text.unicode_repair import repair, repair_pieces


@pytest.mark.parametrize(
    ("broken", "repaired"),
    [
        ("plain  text\tstays", "plain text stays"),
        ("Itâ€™s mojibake", "It’s mojibake"),
        ("CafÃ© in SÃ£o Paulo", "Café in São Paulo"),
        ("Ð\x9cÐ¾Ñ\x81ÐºÐ²Ð°", "Москва"),
        ("e\u0301lan", "élan"),
        ("so\u00adft hy\u200bphen", "soft hyphen"),
        ("\ufeff\u202atext\u202c\u200e", "text"),
        ("bell\x07 and \x00null", "bell and null"),
        ("lone \ud800surrogate", "lone surrogate"),
        ("a\u00a0b\u202fc\u3000d\u2028e", "a b c d e"),
        ("\u200b \u00ad", ""),
    ],
)
def test_damage_is_repaired(broken: str, repaired: str) -> None:
    assert repair(broken) == repaired


@pytest.mark.parametrize(
    "text",
    [
        "“Quotes”, ‘quotes’, \"quotes\", 'quotes', «quotes»",
        "dashes – and — and ellipsis …",
        "ligature ﬁ, full-width ａ, &amp; entity",
        "CAFÉ” he said, Ä“ and Ð",
        "می\u200cخواهم",
        "👩\u200d👩\u200d👧",
        "क्\u200dष",
    ],
)
def test_repair_leaves_what_is_no_damage(text: str) -> None:
    assert repair(text) == text


def test_joiners_go_where_no_script_needs_them() -> None:
    assert repair("wo\u200drd and wo\u200crd") == "word and word"


@given(st.text(alphabet=st.characters(), max_size=60) | st.text("Ãâ€™©Â\xa0\xad\u200b\u200dé\x80\x99 a", max_size=30))
def test_repair_is_idempotent_and_safe(text: str) -> None:
    once = repair(text)
    assert repair(once) == once
    assert once == " ".join(once.split())
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in once)


@pytest.mark.parametrize("mark", ["\u0301", "\u0323\u0301", "\u0f73", "\u0f71\u0f73", "\U0001d165", "\u0301\u200b"])
def test_no_more_marks_than_can_be_seen(mark: str) -> None:
    once = repair("Z" + mark * 100_000 + " and Z" + mark)
    marks = once.partition(" ")[0].lstrip("ŹẒ̣́Z")
    assert len(marks) <= 30
    assert repair(once) == once
    assert once.endswith(unicodedata.normalize("NFC", "and Z" + mark).rstrip("\u200b"))


@given(st.text("a\u0301\u0323\u0f73\u0f71\u0344\U0001d165\U0001f468\u200b\u1161\u1100", max_size=200))
def test_repair_of_marks_is_idempotent(text: str) -> None:
    assert repair(repair(text)) == repair(text)


def test_mojibake_stays_where_its_repair_would_take_too_long() -> None:
    broken = "CafÃ© Ã\u200b 橋"
    assert repair_pieces(broken) == 9
    assert repair(broken, mojibake=False) == "CafÃ© Ã 橋"
    assert repair(broken) == "Café Ã 橋"


@pytest.mark.parametrize("codec", ["latin-1", "sloppy-windows-1252"])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_what_is_mojibake_throughout_is_decoded_at_once(codec: str, times: int) -> None:
    text = spoilt = "Le café de l’été “à Ornholm” coûte 3 £."
    for _ in range(times):
        spoilt = spoilt.encode().decode(codec)
    assert repair_pieces(spoilt) == 0
    assert repair(spoilt, mojibake=False) == repair(spoilt) == text


@given(
    parts=st.lists(
        st.sampled_from(["Ã©", "Ã", "â€™", "Â", "\xa0", " ", "a", "é", "\x99", "Ñ\x81", "\xed", "ž", "мо", "Ð“Â©"]),
        max_size=12,
    )
)
def test_decoding_at_once_gives_what_ftfy_gives(parts: list[str]) -> None:
    text = "".join(parts)
    if repair_pieces(text) == 0 and text.isprintable():
        assert repair(text, mojibake=False) == repair(text)
