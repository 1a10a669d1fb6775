import re
import time

import pytest

from ingest.cleaning import appeals, chrome_patterns
from ingest.cleaning.chrome import find_chrome, fold
from ingest.cleaning.chrome_phrases import ANYWHERE, APPEAL_BUTTONS, EDGE, RELATED_ANYWHERE, RELATED_AT_EDGE

FIRST = "The harbour of Eastgate was closed on Tuesday after a crane fell into the water, the port authority said."
SECOND = "Nobody was hurt, and ships were sent to the neighbouring port of Westgate for the rest of the day."
LAST = "The port is to open again on Thursday if the divers find nothing else, the authority's spokeswoman said."


def kept(paragraphs: list[str]) -> list[str]:
    rules = find_chrome(paragraphs)
    return [paragraph for paragraph, rule in zip(paragraphs, rules, strict=True) if rule is None]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Skip to main content", "skip-link"),
        ("ADVERTISEMENT", "advertisement"),
        ("Story continues below advertisement", "advertisement"),
        ("Listen to this article · 5 min", "listen"),
        ("© 2024 The Eastgate Post. All rights reserved.", "copyright"),
        ("Все права защищены.", "copyright"),
        ("Sign up for the Harbour Post morning briefing", "newsletter"),
        ("By signing up you agree to our Terms of Use and Privacy Policy.", "newsletter"),
        ("Already a subscriber? Log in", "sign-in"),
        ("Share this article", "share-bar"),
        ("Follow us on Facebook and Instagram", "share-bar"),
        ("Comments (12)", "comments"),
        ("12 Kommentare", "comments"),
        ("Photo: Jane Doe / Newsline", "photo-credit"),
        ("Read also: Divers find a second crane", "related-links"),
        ("Lire aussi : Une grue tombe dans le port", "related-links"),
        ("Remind me later.", "appeal"),
        ("Accept all cookies", "cookie-notice"),
        ("We use cookies to personalise content and to analyse our traffic.", "cookie-notice"),
        ("Our Standards: The Thomson Reuters Trust Principles.", "copyright"),
        ("© AFP", "copyright"),
        ("Copyright 2024 NPR. To see more, visit https://www.npr.org.", "copyright"),
        ("Get our free weekly newsletter for news that matters.", "newsletter"),
        ("Sign up here to get the day’s top stories delivered straight to your inbox.", "newsletter"),
        ("Get the latest news delivered to your phone", "newsletter"),
        ("Never miss a story", "newsletter"),
        ("Subscribe now for unlimited access", "sign-in"),
        ("You have reached your limit of free articles.", "sign-in"),
        ("Il vous reste 75% de cet article à lire.", "sign-in"),
        ("READ MORE", "related-links"),
        ("(MORE: Divers find a second crane in the harbour)", "related-links"),
        ("Watch: The crane is lifted out of the water", "related-links"),
        ("Follow @eastgatepost", "share-bar"),
        ("Folgen Sie uns auf Facebook", "share-bar"),
        ("Подписывайтесь на наш канал в Telegram", "share-bar"),
        ("Dołącz do nas na Facebooku", "share-bar"),
        ("Gift this article", "share-bar"),
        ("Text size: A A+", "form"),
        ("Please enable JavaScript to view this page.", "form"),
        ("Was this article helpful?", "form"),
        ("Video Player is loading.", "player"),
        ("Filed under: Harbour, Cranes", "tags"),
        ("Back to top", "navigation"),
        ("Have a tip? Email tips@eastgate.example", "promotion"),
        ("Click here to subscribe.", "promotion"),
        ("Download our app for breaking news alerts", "promotion"),
        ("Length: 1,312 words", "archive-note"),
        ("Load-Date: July 31, 2024", "archive-note"),
        ("Section: NEWS; Pg. 3A", "archive-note"),
        ("End of Document", "archive-note"),
        ("Document EGPOST0020240730ek7u00001", "archive-note"),
        ("((jane.doe@thomsonreuters.com; Reuters Messaging: jane.doe.reuters.com@reuters.net))", "wire-note"),
        ("FOR IMMEDIATE RELEASE", "wire-note"),
        ("-30-", "wire-note"),
        ("Enditem", "wire-note"),
        ("Jane Doe/AFP", "photo-credit"),
        ("Image source, Getty Images", "photo-credit"),
        ("Credit: Jane Doe", "photo-credit"),
        ("Since you’re here, we have a small favour to ask.", "appeal"),
        ("Support the Post from as little as $1 – it only takes a minute.", "appeal"),
        ("Your contribution keeps our reporting free for everyone.", "appeal"),
        ("Stories like this one are made possible by readers like you.", "appeal"),
        ("Support independent journalism. Donate today.", "appeal"),
        ("Harbour News is funded by readers. Join us.", "appeal"),
        ("Did you enjoy this article? Support us by becoming a member.", "appeal"),
        ("Your donation will support our independent newsroom.", "appeal"),
        ("Soutenez une presse libre et indépendante. Faites un don.", "appeal"),
        ("Unterstützen Sie unabhängigen Journalismus mit Ihrer Spende.", "appeal"),
        ("This article is licensed under a Creative Commons licence. Feel free to republish it.", "copyright"),
        ("Share this article | Print | Email", "share-bar"),
        ("Terms of Use | Privacy Policy", "navigation"),
        ("Home | News | Politics | Sport", "navigation"),
        ("Ga naar de inhoud", "skip-link"),
        ("Menu Skip to content", "skip-link"),
        ("Externen Inhalt erlauben", "cookie-notice"),
        ("This content is provided by Tidecaster, which may use cookies.", "cookie-notice"),
        ("The Post is an independent, nonprofit news organization. We live by grants and gifts.", "appeal"),
        ("Share this article (opens in new window)", "share-bar"),
        ("A crane in the harbour of Eastgate. Jane Doe/Newsline hide caption", "photo-credit"),
        ("<iframe src='https://eastgate.example/player'>", "form"),
        ("Don't miss the latest news from the port. Sign up for our free newsletter here.", "newsletter"),
        ("We use your sign-up to provide content and to improve our understanding of you.", "newsletter"),
        ("Comments have to be in English, and in full sentences.", "comments"),
        ("İlgili Haberler", "related-links"),
        ("نسخ الرابط", "share-bar"),
        ("相关阅读", "related-links"),
        ("À lire aussi Une grue tombe dans le port", "related-links"),
        ("Read more on cranes", "related-links"),
        ("Lesedauer: 2 Min.", "listen"),
        ("Artikel zum Hören • 4 Min", "listen"),
        ("1 of 4 |", "photo-credit"),
        ("Credit...Jane Doe for The Post", "photo-credit"),
        ("Sign up to Harbour Lights, our free daily newsletter", "newsletter"),
        ("Recevez chaque matin nos newsletters.", "newsletter"),
        ("Jetzt 4 Wochen für 1 Euro testen", "sign-in"),
        ("Compartilhe no WhatsApp", "share-bar"),
        ("We and our 812 partners store and access information on a device, such as cookies.", "cookie-notice"),
        ("Wir und unsere Partner verwenden Cookies, um Anzeigen zu personalisieren.", "cookie-notice"),
        ("Spotted an error? Write to corrections@eastgate.example", "form"),
        ("This article is more than 2 years old", "form"),
        ("Do you know more about the crane? Email our reporters.", "promotion"),
        ("A version of this article appears in print on July 31, 2024.", "promotion"),
        ("For more stories like this, download our app.", "promotion"),
        ("Become a member for £4 a month", "appeal"),
        ("Just 2% of our readers give. If everyone did, our fundraiser would be over today.", "appeal"),
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


@pytest.mark.parametrize(
    "headline",
    [
        "DPA cuts 30 jobs at its news desk",
        "AP photographers win a prize",
        "BC ferries stop sailing",
        "AM-FM radio returns to the harbour",
        "Reuters buys the old customs house",
        "(Not) a day at the harbour",
        "Profit / loss of the port",
    ],
)
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
        "We use cookies to sweeten the coffee, the baker joked.",
        "The newsletter was sent to donors on Monday.",
        "By signing up for the race, she broke a promise.",
        "AFP contributed reporting.",
        "Share prices fell.",
        "Length: 90 metres",
        "Section: a length of the quay",
        "Document EG2024",
        "Photographs of the crane went round the world.",
        "Read more than one book a week, doctors advise",
        "Sport. Politics.",
        "Get our divers out of there, the mayor shouted.",
        "Stay informed of the tides, the coast guard said.",
        "Do you have information? Call the harbour police on 555 0100.",
        "The Associated Press contributed to this report.",
        "Reporting by Jane Doe; Editing by John Roe",
        "You have used the harbour for free, the mayor told them.",
        "Your newspaper was right about our harbour, he wrote.",
        "“Your contribution keeps our journalism alive,” the editor told donors.",
        "Credit is due to the divers",
        "Input / output",
        "Watch the tide",
        "More ships from Westgate",
        "Download the app, choose a ship, and wait: that is all, its inventor said.",
        "Unsere Arbeit im Hafen geht weiter.",
        "Three of 4 cranes stand",
        "Sign up at the town hall.",
        "Do you know the tides? The coast guard asks every sailor.",
        "Become a member of the crew",
        "Do you have a boat? Call us, the coast guard asks.",
    ],
)
def test_lines_that_stay_within_the_article(line: str) -> None:
    assert find_chrome([FIRST, line, SECOND]) == [None, None, None]


def test_menus_before_and_after_the_article() -> None:
    menu = ["Home", "News", "Harbour life", "Sport", "Log in", "Subscribe"]
    footer = [
        "Tags: harbour, cranes",
        "Share",
        "Facebook",
        "Copy link",
        "About us",
        "Our boats",
        "Contact",
        "Jobs",
        "Privacy policy",
        "×",
    ]
    assert kept([*menu, FIRST, SECOND, *footer]) == [FIRST, SECOND]


# Nothing tells by itself that these are no article; that they stand amid chrome does.
NOTICE = "The corporation that runs this site is not to blame for what you find on the pages of others."
COMMENT = "I have lived by the harbour for all my life, and I never saw a crane as tired as that one."


def test_running_text_far_out_in_the_chrome_does_not_shield_it() -> None:
    head = ["Menu", "Log in", "Subscribe", NOTICE, "Accept all", "Home", "News", "Sport", "Weather"]
    tail = ["Share", "Comments (2)", "Sort by", "Most popular", "Divers find a second crane", COMMENT, "Privacy policy"]
    assert kept([*head, FIRST, SECOND, LAST, *tail]) == [NOTICE, FIRST, SECOND, LAST, COMMENT]


def test_sections_under_headings_that_menus_have_stay() -> None:
    article = [
        FIRST,
        "Health",
        SECOND,
        "Education",
        LAST,
        "Sport",
        "There are no changes.",
        "Travel",
        "It is cheaper now.",
    ]
    assert kept(article) == article


def test_labels_between_the_links_past_the_article_go() -> None:
    footer = ["Related topics", "Cranes", "3", "The Eastgate Lighthouse Shop", "© 2024 Eastgate Post"]
    assert kept([FIRST, LAST, "He won.", *footer]) == [FIRST, LAST, "He won."]
    assert kept([FIRST, LAST, "Advertisement", "Eastgate 3, Westgate 1", "© 2024 Eastgate Post"])[2:] == [
        "Eastgate 3, Westgate 1"
    ]


def test_headings_and_verses_that_sound_like_buttons_stay() -> None:
    article = [
        FIRST,
        "Ways to donate",
        SECOND,
        "Da non perdere",
        LAST,
        "Show me the harbour",
        "Show me",
        "Join us",
        LAST,
    ]
    assert kept(article) == article


def test_a_button_under_each_post_of_a_live_blog_goes() -> None:
    assert kept([FIRST, "Share", SECOND, "Share", LAST]) == [FIRST, SECOND, LAST]


def test_a_list_at_the_end_of_the_article_stays() -> None:
    article = [
        FIRST,
        "The sections of the new paper are:",
        "World",
        "Harbour",
        "The crane was seen on:",
        "Facebook",
        "Reddit",
    ]
    assert find_chrome(article)[-1] is None
    events = [FIRST, "Friday", "7 p.m. Brass band", "Music", "Books", "Sunday", "2 p.m. Night walk"]
    assert kept([*events, "Share", "© 2024 Eastgate Post"]) == events
    assert len(find_chrome(["Sport"] * 20_000 + ["x"])) == 20_001  # in linear time
    chinese = [FIRST, "体育", "新建两个篮球场。", "教育", "自然学校开课。"]
    assert kept(chinese) == chinese
    assert kept([FIRST, "It listed three networks:", "Facebook", "Reddit"])[-2:] == ["Facebook", "Reddit"]


def test_related_links_past_the_article_go_with_their_headlines() -> None:
    tail = [
        "Read also:",
        "Divers find a second crane",
        "Why cranes fall",
        "Recommended",
        "Port opens",
        "Editing by Jane Doe",
    ]
    assert kept([FIRST, LAST, *tail]) == [FIRST, LAST, "Editing by Jane Doe"]


def test_a_heading_that_names_the_site_takes_one_headline() -> None:
    paragraphs = [FIRST, "Read more from Eastgate Post:", "Divers find a second crane in the harbour", SECOND]
    assert kept(paragraphs) == [FIRST, SECOND]


def test_a_related_link_within_the_article_takes_one_headline() -> None:
    paragraphs = [FIRST, "Read also", "Divers find a second crane in the harbour", "What comes next", SECOND]
    assert kept(paragraphs) == [FIRST, "What comes next", SECOND]


# The paper and its words are invented; the shape is that of many papers' appeals.
APPEAL = [
    "A Message from The Eastgate Post:",
    "Dear readers,",
    "These are hard times for small papers on the coast.",
    "We, the journalists of The Eastgate Post, want to go on. But to continue our work, we need your help.",
    "Your support makes a difference. Please support us monthly from just $2, with a contribution of your choice.",
    "Once",
    "Monthly",
    "Continue",
    "Not ready to support today?",
    "Remind me later.",
    "×",
    "Thank you! Your reminder is set.",
]


def test_an_appeal_goes_whole_past_the_article_and_within_it() -> None:
    assert find_chrome([FIRST, LAST, *APPEAL]) == [None, None] + ["appeal"] * len(APPEAL)
    assert kept([FIRST, *APPEAL, SECOND, LAST]) == [FIRST, SECOND, LAST]


def test_an_appeal_without_its_opener_goes_at_the_end() -> None:
    appeal = (
        "Harbour Post is a non-profit newsroom. Donations pay for our reporting, so please give what you can today."
    )
    assert kept([FIRST, LAST, appeal, "DONATE NOW"]) == [FIRST, LAST]


def test_what_stands_beside_an_appeal_and_speaks_of_readers_goes_with_it() -> None:
    appeal = [
        "We are owned by nobody but our members, and for 12 years we have told you what happens on the quays.",
        "Harbour Post is made possible by readers like you.",
        "$5",
        "Other amount",
    ]
    assert kept([FIRST, LAST, *appeal]) == [FIRST, LAST]
    ours = "We sailed our own boat to the island on Friday, and the children slept on deck for the first time."
    assert kept([FIRST, ours, *appeal[1:]]) == [FIRST, ours]


def test_an_article_about_appeals_stays() -> None:
    article = [
        FIRST,
        "A message from the king:",
        "The king wrote to the port's workers on Tuesday and thanked them for their patience over the past weeks.",
        "Donations to the town's newsroom rose last year, and its journalism won two prizes, the foundation reported.",
        "“Your donation keeps our newsroom open and our journalism free,” reads the appeal that split the town in two.",
        "Like his earlier work, the novel asks who pays for a strike, and whom the dockers may join afterwards.",
        "Your contributions will be matched by your employer up to a limit, and grow free of tax until you retire.",
        "Unions urged members to support the local newsroom, whose reporting had made the closure known.",
        "You can give blood at the town hall on Friday; donors are asked to bring a passport.",
        "Cookies are small files. The court ruled that websites must ask before they store them.",
    ]
    assert kept(article) == article


def test_an_appeal_within_the_article_ends_where_it_ends() -> None:
    appeal = [
        "Support independent journalism",
        "Our newsroom is funded by readers like you. If you value our reporting, please consider a donation today.",
        "Every donation counts.",
        "Donate",
    ]
    assert kept([FIRST, *appeal, SECOND, LAST]) == [FIRST, SECOND, LAST]


def test_a_promotion_between_its_labels_goes() -> None:
    promotion = [
        "skip past newsletter promotion",
        "Sign up to Headlines",
        "The best of the port",
        "after newsletter promotion",
    ]
    assert kept([FIRST, *promotion, SECOND]) == [FIRST, SECOND]


def test_a_headline_amid_menu_items_stays() -> None:
    menu = ["Menu", "News", "Politics", "Sport", "Crane falls into harbour", "Share", "Home", "Search"]
    assert kept([*menu, FIRST, SECOND]) == ["Crane falls into harbour", FIRST, SECOND]


def test_letters_of_readers_stay() -> None:
    article = ["Dear readers,", FIRST, SECOND]
    assert kept(article) == article


def test_cookie_notices_go_at_the_edges() -> None:
    notice = "We use cookies to improve your experience. By continuing you agree to our policy."
    assert kept([notice, "Accept all", FIRST, SECOND]) == [FIRST, SECOND]


def test_phrases_are_stored_in_the_form_they_are_compared_in() -> None:
    phrases = {*ANYWHERE, *EDGE, *RELATED_ANYWHERE, *RELATED_AT_EDGE, *APPEAL_BUTTONS}
    assert [phrase for phrase in phrases if phrase != fold(phrase).strip(" .,:!?") or len(phrase) > 80] == []


def test_no_phrase_stands_under_two_rules() -> None:
    assert not ANYWHERE.keys() & EDGE.keys()
    assert not RELATED_ANYWHERE & RELATED_AT_EDGE
    assert not (RELATED_ANYWHERE | RELATED_AT_EDGE) & (ANYWHERE.keys() | EDGE.keys())


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


def test_every_repetition_in_the_patterns_is_bounded() -> None:
    modules = (appeals, chrome_patterns)
    patterns = [value for module in modules for value in vars(module).values() if isinstance(value, re.Pattern)]
    assert len(patterns) > len(chrome_patterns.__all__)
    for pattern in patterns:
        assert not re.search(r"(?<!\\)[*+]|\{\d+,\}", pattern.pattern), pattern.pattern
