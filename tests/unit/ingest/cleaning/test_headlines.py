import pytest

from ingest.cleaning.headlines import find_headline, mark_headline

BODY = "The harbour of Eastgate was closed on Tuesday after a crane fell into the water, the port authority said."
MORE = "Nobody was hurt, and ships were sent to the neighbouring port of Westgate for the rest of the day."


@pytest.mark.parametrize(
    ("paragraphs", "headline"),
    [
        (["Crane falls into harbour", BODY, MORE], "Crane falls into harbour"),
        (["Was the crane too old?", BODY], "Was the crane too old?"),
        (["Harbour", "Crane falls into harbour", "Crane falls into harbour", BODY], "Crane falls into harbour"),
        (["Ports", "Crane falls into harbour", BODY], "Crane falls into harbour"),
        (["东港起重机倒塌", "港务局周二表示，一台起重机倒入水中，东港因此关闭，没有人受伤。"], "东港起重机倒塌"),
        (
            ["東港でクレーン倒れる", "港湾局によると、火曜日にクレーンが海に倒れ、東港は閉鎖された。"],
            "東港でクレーン倒れる",
        ),
        (["Actualité", "Une grue tombe dans le port", BODY], "Une grue tombe dans le port"),
        (
            ["首页", "东港起重机倒塌", "港务局周二表示，一台起重机倒入水中，东港因此关闭，没有人受伤。"],
            "东港起重机倒塌",
        ),
        (["bdt0342 3 vm 214 xyz 0871", "Kran fällt in den Hafen =", BODY], "Kran fällt in den Hafen ="),
        (["Source: Newsline", "Crane falls into harbour", BODY], "Crane falls into harbour"),
        (["Ports", "Share to", "Share to", "Crane falls into harbour", BODY], "Crane falls into harbour"),
        ([BODY, MORE], None),
        (["A crane fell.", BODY], None),
        (["EASTGATE (Newsline) — A crane fell into the harbour", BODY], None),
        (["Key points", BODY], None),
        (["Crane falls into harbour"], None),
        ([], None),
    ],
)
def test_find_headline(paragraphs: list[str], headline: str | None) -> None:
    assert find_headline(paragraphs) == headline


def test_a_short_headline_needs_a_dateline() -> None:
    assert find_headline(["Crane falls", BODY], has_dateline=True) == "Crane falls"


def test_repeats_and_the_kicker_between_them_are_marked() -> None:
    paragraphs = ["Crane falls – again", "Accident in the port", "CRANE FALLS - AGAIN", "A second accident", BODY, MORE]
    assert mark_headline(paragraphs, "“Crane falls – again”") == ["headline", "kicker", "headline", None, None, None]


def test_a_headline_repeated_without_end_goes_whole() -> None:
    assert mark_headline(["Crane falls"] * 50 + [BODY], "Crane falls") == ["headline"] * 50 + [None]


def test_labels_above_the_headline_are_kickers() -> None:
    assert mark_headline(["Ports", "Crane falls into harbour", BODY], "Crane falls into harbour") == [
        "kicker",
        "headline",
        None,
    ]


def test_a_title_with_the_name_of_the_site_matches_the_headline() -> None:
    assert mark_headline(["Crane falls into harbour", BODY], "Crane falls into harbour | Eastgate Post") == [
        "headline",
        None,
    ]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Accident in the port - Crane falls into harbour", "headline"),
        ("Eastgate CRANE FALLS INTO HARBOUR", "headline"),
        ("Once more a Crane falls into harbour, and what came of it", None),
        ("Overcrane falls into harbour", None),
        (f"{'Accident in the port, ' * 3}crane falls into harbour", None),
    ],
)
def test_a_headline_behind_a_kicker_is_one(line: str, rule: str | None) -> None:
    assert mark_headline([line, BODY], "Crane falls into harbour") == [rule, None]


def test_the_body_is_left_alone() -> None:
    assert mark_headline([BODY, "Crane falls", MORE], "Crane falls") == [None, None, None]
