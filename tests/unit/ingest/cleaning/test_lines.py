"""Lines by themselves; `test_phrase_book.py` shows those that stand beside the phrases."""

import time

import pytest

from ingest.cleaning.chrome import find_chrome

FIRST = "The harbour of Eastgate was closed on Tuesday after a crane fell into the water, the port authority said."
SECOND = "Nobody was hurt, and ships were sent to the neighbouring port of Westgate for the rest of the day."


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Skip to main content", "skip-link"),
        ("Все права защищены.", "copyright"),
        ("Share this article", "share-bar"),
        ("Lire aussi : Une grue tombe dans le port", "related-links"),
        ("Folgen Sie uns auf Facebook", "share-bar"),
        ("Dołącz do nas na Facebooku", "share-bar"),
        ("Enditem", "wire-note"),
        ("Your contribution keeps our reporting free for everyone.", "appeal"),
        ("Stories like this one are made possible by readers like you.", "appeal"),
        ("Support independent journalism. Donate today.", "appeal"),
        ("Harbour News is funded by readers. Join us.", "appeal"),
        ("Soutenez une presse libre et indépendante. Faites un don.", "appeal"),
        ("Share this article | Print | Email", "share-bar"),
        ("Terms of Use | Privacy Policy", "navigation"),
        ("Home | News | Politics | Sport", "navigation"),
        ("The Post is an independent, nonprofit news organization. We live by grants and gifts.", "appeal"),
        ("Share this article (opens in new window)", "share-bar"),
        ("A crane in the harbour of Eastgate. Jane Doe/Newsline hide caption", "photo-credit"),
        ("Don't miss the latest news from the port. Sign up for our free newsletter here.", "newsletter"),
        ("نسخ الرابط", "share-bar"),
        ("Wir und unsere Partner verwenden Cookies, um Anzeigen zu personalisieren.", "cookie-notice"),
        ("Notre journal est indépendant et ne vit que grâce à vos dons.", "appeal"),
        ("Sin ti no hay periodismo: hazte socio desde 6 euros al mes.", "appeal"),
        ("Если вы хотите, чтобы независимые медиа жили, оформите пожертвование.", "appeal"),
    ],
)
def test_lines_that_are_chrome_anywhere(line: str, rule: str) -> None:
    assert find_chrome([FIRST, line, SECOND]) == [None, rule, None]


@pytest.mark.parametrize(
    "line",
    [
        "BC-EU--Bridge Closed,3rd Ld-Writethru",
        "AM-US--Storm-Glance, Ld",
        "Eds: Updates with comment from the mayor. With AP Photos.",
        "(Adds comment from the mayor, background)",
        "Associated Press",
        "Agence France-Presse",
        "dpa aq yydd n1 bs",
        "301530 Jul 24",
        "ab/cd/ef",
        "aq/ bs/",
    ],
)
def test_notes_of_news_agencies_go_around_the_article_alone(line: str) -> None:
    assert find_chrome([line, FIRST, SECOND]) == ["wire-note", None, None]
    assert find_chrome([FIRST, SECOND, line]) == [None, None, "wire-note"]
    assert find_chrome([FIRST, line, SECOND]) == [None, None, None]


@pytest.mark.parametrize("headline", ["AP photographers win a prize", "BC ferries stop sailing"])
def test_headlines_that_look_like_notes_of_agencies_stay(headline: str) -> None:
    assert find_chrome([headline, FIRST, SECOND]) == [None, None, None]


@pytest.mark.parametrize(
    "line",
    [
        "Home",
        "Politics",
        "Facebook",
        "Monthly",
        "Recommended",
        "Subscribe",
        "“Thank you for standing with us,” she told the crowd.",
        "The newsletter was sent to donors on Monday.",
        "AFP contributed reporting.",
        "Share prices fell.",
        "Photographs of the crane went round the world.",
        "Sport. Politics.",
        "Do you have information? Call the harbour police on 555 0100.",
        "The Associated Press contributed to this report.",
        "Reporting by Jane Doe; Editing by John Roe",
        "Your newspaper was right about our harbour, he wrote.",
        "“Your contribution keeps our journalism alive,” the editor told donors.",
        "Input / output",
        "More ships from Westgate",
        "Unsere Arbeit im Hafen geht weiter.",
        "Three of 4 cranes stand",
        "Do you have a boat? Call us, the coast guard asks.",
    ],
)
def test_lines_that_stay_within_the_article(line: str) -> None:
    assert find_chrome([FIRST, line, SECOND]) == [None, None, None]


@pytest.mark.parametrize(
    "unit",
    [
        "a ",
        "share ",
        "share | ",
        "a, ",
        "all rights ",
        "home > ",
        "sign up for a ",
        "by signing up ",
        '"',
        "get our ",
        "get it delivered ",
        "a / ",
        "is a nonprofit newsroom ",
        "share. ",
        "home | ",
        "we use cookies ",
        "your journalism ",
        "support a from as ",
        "follow us ",
    ],
)
def test_hostile_lines_take_no_time(unit: str) -> None:
    started = time.process_time()
    for length in range(400, 450):
        find_chrome([(unit * 450)[:length]])
    assert time.process_time() - started < 1.0
