"""Pages that hold no article."""

import pytest

from ingest.markup.notices import is_consent_wall, is_script_shell

WALLS = [
    (
        "Read on with advertising",
        "We and our 84 partners store cookies on your device to measure audiences and show personalised advertising.",
        "You can withdraw your consent in the privacy settings at any time.",
    ),
    (
        "Weiter mit Werbung lesen",
        "Besuchen Sie die Seite wie gewohnt mit Werbung und Tracking. Ihre Zustimmung können Sie jederzeit widerrufen.",
        "Details zu Cookies finden Sie in der Datenschutzerklärung.",
    ),
    (
        "Le respect de votre vie privée est notre priorité",
        "Avec votre consentement, nos partenaires et nous utilisons des cookies pour la publicité personnalisée. "
        "Vous pouvez refuser dans les paramètres.",
    ),
    ("このサイトはクッキーを使用します。広告の表示に同意しますか。お客様は設定を変更できます。",),
    ("Мы используем файлы cookie и просим вашего согласия на рекламу. Вы можете изменить настройки.",),
]
NEWS = [
    (
        "The privacy authority fined the advertising company Brandal on Monday for tracking without consent.",
        "Judges in Amberford will hear the appeal in March, a spokeswoman said.",
    ),
    ("The council of Amberford voted on Monday to close the old bridge, and you can see why.",),
    ("You and your partner accept a cookie each, and consent to nothing. " * 200,),
    (),
]


@pytest.mark.parametrize("paragraphs", WALLS)
def test_a_wall_asks_the_reader_for_consent(paragraphs: tuple[str, ...]) -> None:
    assert is_consent_wall(paragraphs)


@pytest.mark.parametrize("paragraphs", NEWS)
def test_news_of_consent_is_no_wall(paragraphs: tuple[str, ...]) -> None:
    assert not is_consent_wall(paragraphs)


@pytest.mark.parametrize("text", ["You need to enable JavaScript to run this app.", "Bitte JavaScript aktivieren"])
def test_a_shell_asks_for_scripts(text: str) -> None:
    assert is_script_shell([text])
    assert not is_script_shell([text, "The council of Amberford voted on Monday to close the old bridge. " * 9])
    assert not is_script_shell(["The bridge is closed."])
