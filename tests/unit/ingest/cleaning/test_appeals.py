from ingest.cleaning.chrome import find_chrome

FIRST = "The harbour of Eastgate was closed on Tuesday after a crane fell into the water, the port authority said."
SECOND = "Nobody was hurt, and ships were sent to the neighbouring port of Westgate for the rest of the day."
LAST = "The port is to open again on Thursday if the divers find nothing else, the authority's spokeswoman said."


def kept(paragraphs: list[str]) -> list[str]:
    rules = find_chrome(paragraphs)
    return [paragraph for paragraph, rule in zip(paragraphs, rules, strict=True) if rule is None]


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


def test_letters_of_readers_stay() -> None:
    article = ["Dear readers,", FIRST, SECOND]
    assert kept(article) == article
