from ingest.cleaning.chrome import find_chrome

FIRST = "The harbour of Eastgate was closed on Tuesday after a crane fell into the water, the port authority said."
SECOND = "Nobody was hurt, and ships were sent to the neighbouring port of Westgate for the rest of the day."
LAST = "The port is to open again on Thursday if the divers find nothing else, the authority's spokeswoman said."


def kept(paragraphs: list[str]) -> list[str]:
    rules = find_chrome(paragraphs)
    return [paragraph for paragraph, rule in zip(paragraphs, rules, strict=True) if rule is None]


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


def test_cookie_notices_go_at_the_edges() -> None:
    notice = "We use cookies to improve your experience. By continuing you agree to our policy."
    assert kept([notice, "Accept all", FIRST, SECOND]) == [FIRST, SECOND]
