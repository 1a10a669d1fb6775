"""The patterns of site chrome that exact phrases cannot catch: lines that carry a number, a name or a year.

All are in the folded form of `ingest.cleaning.chrome.fold`, and every repetition in them is bounded.
"""

import re

__all__ = ["ANYWHERE_PATTERN", "EDGE_PATTERN"]

_NETWORKS = (
    "(?:facebook|twitter|x|linkedin|whatsapp|telegram|instagram|reddit|google news|pinterest|email|youtube|bluesky"
    "|threads)"
)
_RIGHTS = (
    "(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados"
    "|reservados todos los derechos|todos os direitos reservados|tutti i diritti riservati|riproduzione riservata"
    "|все права защищены|wszelkie prawa zastrzeżone)"
)
_LETTER = (
    "(?:newsletters?|newslettera|briefings?|e-?mails?|alerts|digest|bulletin|mailing list|boletín|infolettre|рассылку)"
)
_READ_ALSO = (
    "(?:read also|also read|read more|read next|related|related (?:article|story|news|coverage)|see also|don't miss"
    "|more on this(?: story| topic)?|lesen sie auch|mehr zum thema|lire aussi|à lire aussi|lire également"
    "|lea también|lee también|te puede interesar|leia também|leia mais|veja também|leggi anche"
    "|читайте также|по теме|czytaj także|czytaj też|zobacz też|przeczytaj także|lees ook|ver también|veja|zobacz także"
    "|läs också|läs även|läs mer|les også|læs også|read more on|mehr dazu|read this|in case you missed it)"
)
# Those that no sentence begins with, so that no colon need follow.
_READ_ALSO_ABROAD = (
    "(?:lesen sie auch|mehr zum thema|lire aussi|à lire aussi|a lire aussi|lire également|lea también|lee también"
    "|leia também|veja também|leggi anche|читайте также|czytaj także|czytaj też|zobacz też|lees ook|läs också|les også)"
)
# "We and our 842 partners store and access information on a device".
_WE_AND_PARTNERS = (
    "(?:we and our|wir und unsere|nous et nos|nosotros y nuestros|nós e (?:os )?nossos|noi e (?:i )?nostri|wij en onze"
    "|biz ve) (?:(?:up to )?\\d[\\d,.]{0,5} )?(?:[\\w-]{1,20} )?(?:partners?|partner[en]?|vendors|partenaires|socios"
    "|parceiros|fornitori|ortaklarımız|third parties)"
)
_SEND_US = (
    r"\b(?:e-?mail|contact|send|reach|write to|tell|call|message|text|let)\b(?: it| them| your \w{1,12})?(?: to)?"
    r" (?:us|me|our (?:\w{1,12} )?(?:news\w{0,5}|reporters?|team|editors?|journalists?|tip\w{0,5}))\b"
)
_FOLLOW = (
    "(?:folgen sie uns|receba notícias|folge uns|suivez-nous|rejoignez-nous|síguenos|siga-nos|siga o|seguici"
    "|подпис(?:ывайтесь|аться) на|следите за нами|dołącz do nas|obserwuj nas|śledź nas|volg ons)"
)
_AGENCY = (
    "(?:ap|afp|reuters|epa|epa-efe|efe|dpa|ansa|tass|xinhua|imago|upi|getty(?: images)?|ap photo|file photo|alamy"
    "|associated press|agence france-presse|picture[ -]alliance|anadolu|shutterstock|istock|pool)"
)
_SHARE = f"(?:{_NETWORKS}|share|share this|tweet|print|save|copy link)"


def _combined(rules: dict[str, tuple[str, ...]]) -> re.Pattern[str]:
    """One pattern for all rules, to be used with fullmatch; the rule is the name of the group that matched."""
    groups = (f"(?P<{rule.replace('-', '_')}>{'|'.join(patterns)})" for rule, patterns in rules.items())
    return re.compile("|".join(groups))


# Whole paragraphs that are chrome wherever they stand.
ANYWHERE_PATTERN = _combined({
    "copyright": (
        r"(?:copyright )?(?:©|\(c\)) ?(?:copyright )?(?:19|20)\d\d.{0,300}",
        r"(?:copyright )?© ?[^.]{1,80}(?:19|20)\d\d.{0,40}",
        r"copyright (?:19|20)\d\d\b[^.]{0,60}\.?(?: to see more, visit .{1,80})?",
        r"to see more, visit .{1,80}|npr transcripts are created on a rush deadline.{0,300}",
        r"(?:the associated press|ap)\b.{0,300}\bap is solely responsible for (?:all|this) content\b.{0,120}",
        r"© ?[^.!?\"]{2,60}\.?",
        r"(?:todos los )?derechos reservados\b[^\"]{0,100}",
        r"republish (?:our|this|these) [^\".]{0,120}\.?",
        rf"(?:[^\"]{{0,80}}[,.|-] ?)?{_RIGHTS}\W{{0,3}}(?:(?:this material|this content|no part) .{{0,250}})?",
        r"(?:(?:this|our) (?:article|story|stories|work|content)) (?:is|are) (?:licensed|published|available) under"
        r" (?:a |an )?(?:[\w-]{2,20} )?creative commons\b.{0,300}",
        r"this material may not be (?:published|reproduced|copied|broadcast).{0,300}",
    ),
    "skip-link": (r"(?:menu )?skip to (?:main )?content(?: menu)?",),
    "market-data": (
        r"quotes (?:are )?(?:displayed|delayed) (?:in real-time|at least \d{1,2} min).{0,300}",
        r"market data (?:is )?provided by .{1,150}",
    ),
    "advertisement": (
        r"(?:article|story|text|content) continues? (?:below|after)"
        r"(?: (?:this |the )?(?:ad|advertisement|video|newsletter))?",
        r"advertisement ?\(?\d{1,2}\)?",
    ),
    "listen": (
        r"\d{1,3}-minute listen",
        r"listen(?: to (?:this|the) (?:article|story))? ?[·•|(-]? ?\d{1,3}(?::\d\d)? ?(?:min(?:ute)?s?)?\)?",
        r"(?:reading time|estimated reading time|lesezeit|temps de lecture|tiempo de lectura|tempo de leitura"
        r"|tempo di lettura|время чтения|czas czytania|lesedauer|leestijd|lästid|læsetid|lesetid"
        r"|okuma süresi) ?:? ?\d{1,3} ?(?:min\w{0,10}|мин\w{0,5})?\.?",
        r"(?:artikel (?:zum hören|anhören)|écouter(?: l'article)?|ascolta(?: l'articolo)?|escuchar|ouvir|luister)"
        r" ?[•·:|(-]? ?\d{1,3}(?::\d\d)? ?(?:min\w{0,8})?[.)]?",
        r"\d{1,3}[ -]min(?:ut\w{0,3})?\.? (?:read|lesezeit|lesedauer|de lecture|de lectura|de leitura|di lettura"
        r"|leestijd)",
        r"ten tekst przeczytasz w \d{1,3} minut\w{0,2}",
    ),
    "newsletter": (
        rf"(?:sign up|subscribe|register)(?: here| now| today)? (?:for|to)"
        rf" (?:our|the|my|this|a|[\w .]{{1,30}}'s)\b[^\"]{{0,70}}\b{_LETTER}\b(?:[^\".]{{0,40}}\.?|\. [^\"]{{0,200}})",
        r"by (?:signing up|subscribing|registering|submitting|entering|providing|creating an|clicking)\b"
        r"[^.\"]{0,120}\byou (?:agree|accept|consent|confirm|acknowledge)\b.{0,250}",
        r"this (?:site|form) is protected by recaptcha.{0,150}",
        r"(?:sign up|subscribe|register|get|receive|have|want)\b[^\"]{1,150}"
        r" (?:delivered|sent|straight|directly|right)(?: \w{1,10}){0,2} (?:to|in|into) your (?:inbox|e-?mail)\b"
        r"[^\"]{0,120}",
        rf"(?:get|join|try|read|receive) (?:our|my|the [\w ]{{2,30}}'s) [^.\"]{{0,40}}\b{_LETTER}\b[^\"]{{0,100}}",
        rf"(?:simply )?sign up (?:to|for) [^\".]{{1,80}}\b{_LETTER}\b[^\".]{{0,60}}\.?",
        r"(?:thanks|thank you) for (?:signing up|subscribing|registering)\b[^\"]{0,80}",
        r"we use your (?:sign-?up|e-?mail|information|data|details)\b[^\"]{0,400}",
        r"don't miss (?:the latest|out on|our|a single)\b[^\".]{0,80}\.?",
        r"privacy notice ?: [^\"]{5,300}",
        r"(?:yes, )?i(?:'d| would) like to (?:be emailed|receive)\b[^\"]{0,200}",
        r"(?:recibe (?:las|los|toda|cada|nuestr|en tu)|recevez (?:chaque|tou[ts]|nos|notre|l'essentiel|le meilleur"
        r"|gratuitement)|receba (?:as|nossas|no seu|todas)|ricevi (?:le|ogni|tutt)|iscriviti (?:e ricevi|per ricevere))"
        r"\w{0,4}\b[^\"]{0,60}\b(?:correo|e-?mails?|whatsapp|celular|newsletters?|l'actualité|notizie"
        r"|mail)\b[^\"]{0,60}",
        r"votre adresse (?:e-?mail|électronique|de messagerie) (?:est|sera)\b[^\"]{0,200}",
        r"get (?:all )?(?:the )?latest (?:news|updates|headlines|stories)\b[^.\"]{0,100}",
        r"(?:stay|keep|get|be) (?:up[ -]to[ -]date|informed|in the know|on top of)\b[^.\"]{1,80}"
        r"\b(?:headlines|newsletters?|latest news|top stories)\b[^\"]{0,80}",
        rf"(?:abonnieren sie|melden sie sich|inscrivez-vous|abonnez-vous|suscríbete|suscríbase|apúntate|inscreva-se"
        rf"|assine|iscriviti|подпишитесь|подписывайтесь|zapisz się)\b[^\"]{{0,70}}\b{_LETTER}\b[^\"]{{0,40}}",
    ),
    "sign-in": (
        r"(?:subscribe|sign in|log in|register|create an account|sign up)(?: now| or \w{1,12}| for free)?"
        r" to (?:continue|keep) reading.{0,60}",
        r"already (?:a subscriber|a member|registered|have an account|subscribed)\? ?(?:log|sign) in.{0,20}",
        r"(?:(?:subscribe|sign up|register|join|log in)(?: now| today| here)? (?:for|to get|to enjoy|and get|to unlock)"
        r"|get|enjoy|unlock) (?:unlimited|full|digital|exclusive|instant|complete)(?: \w{1,12})? access\b[^\"]{0,80}",
        r"subscribe (?:now |today )?(?:for|from) (?:just |only |as little as )?[$€£] ?\d{1,4}[^\"]{0,60}",
        r"try (?:it|us|[\w ]{2,30}) (?:free|for free) for [^.\"]{1,30}",
        r"you(?:'ve| have) (?:reached|read|used|viewed) [^.\"]{0,30}\b(?:free|complimentary|article)"
        r" (?:articles?|stories|story|limit)\b[^\"]{0,80}",
        r"jetzt \d{1,2} (?:wochen?|monate?|tage) (?:für|lang|gratis|kostenlos|um)\b[^\"]{0,60}",
        r"weiterlesen mit [^.!?\"]{2,40}",
        r"tu suscripción se está usando\b[^\"]{0,60}|¿quieres añadir otro usuario\b[^\"]{0,60}"
        r"|si continúas leyendo en este dispositivo\b[^\"]{0,80}|añadir usuario|continuar leyendo aquí",
        r"die gleichzeitige nutzung ist auf\b[^\"]{0,60}",
        r"you have a preview view of this article\b[^\"]{0,150}",
        r"please (?:log|sign) in to (?:use|continue|view|comment|access|save)\b[^.\"]{0,60}\.?",
        r"il vous reste \d{1,2}(?:[.,]\d{1,2})? ?% de cet article à lire.{0,80}",
        r"this (?:article|story|content) is (?:exclusive|available|only|only available) (?:to|for)"
        r" [^.]{0,30}subscribers\b.{0,60}",
    ),
    "share-bar": (
        rf"(?:click to )?(?:share|tweet|post|email)(?: this)?(?: article| story)? (?:on|via|to|in|with) {_NETWORKS}"
        r"(?: \(opens in new window\))?",
        rf"(?:compartir|comparte|compartilhar|compartilhe|partilhar|partager|partagez|teilen|condividi|поделиться"
        rf"|udostępnij|deel|delen|dela|del) (?:en|no|na|sur|auf|su|в|во|op|via|på|por|par) {_NETWORKS}",
        r"(?:join|follow|subscribe to|únete a|súmate a|participe d|rejoignez|entre n|iscriviti a|suivez|volg"
        r"|word lid van"
        r"|больше (?:новостей|интересного))[^\".]{1,60}\b(?:whatsapp|telegram|youtube|viber)\b[^\".]{0,100}\.?",
        r"[^.\"]{2,40}\babone ol(?:un)?\b[^.\"]{0,40}",
        rf"siga (?:(?:o |a )?noss[oa]|[oa]) [^\".]{{1,40}} (?:no|na) {_NETWORKS}\b[^\".]{{0,40}}",
        rf"(?:follow|join|find|like) us on {_NETWORKS}[^.]{{0,80}}\.?",
        rf"{_FOLLOW}\b[^.\"]{{0,60}}\b(?:{_NETWORKS}|яндекс|дзен|вконтакте|viber|google новости)\w{{0,3}}\b"
        r"[^.\"]{0,60}",
        r"sigue toda la información\b[^\"]{0,150}",
        r"follow (?:us |me |[^.\"@]{1,40} )?(?:on \w{1,12}:? )?@\w{2,30}\.?",
    ),
    "appeal": (
        r"(?:just|only|fewer than|less than) \d{1,2}(?:\.\d)? ?(?:%|percent|per cent) of (?:our |you |those who |the )"
        r"[^\"]{2,300}\b(?:give|donate|contribute|subscribe|support|fundraiser|members?)\b[^\"]{0,200}",
        r"(?:become|join as) an? (?:\w{1,12} )?(?:member|supporter|subscriber|patron) (?:for|from) (?:just |only )?"
        r"[$€£] ?\d[^\"]{0,60}",
        r"(?:support|fund) (?:independent|local|quality|our) (?:journalism|news|reporting)"
        r" (?:with|from|for) [$€£] ?\d[^\"]{0,60}",
        r"since you(?:'re| are) here\b[^\"]{0,400}|if everyone who reads (?:our|this|us|the)\b[^\"]{0,400}",
        r"(?:support|join|subscribe|become|donate|give)\b[^.\"]{2,60} (?:from|for) as little as\b[^\"]{0,200}",
        r"(?:(?:did|do|if) you(?:'ve)? (?:\w{2,10} )?(?:enjoy|like|value|appreciate|find|found|love|learn)(?:e?d)?"
        r"|enjoy(?:ed|ing)? (?:this|our|what)|lik(?:e|ed|ing) (?:this|our|what you))\b[^.\"]{0,60}"
        r"\b(?:article|story|stories|work|reporting|journalism|what you (?:read|see))\b[^\"]{0,60}[?,][^\"]{0,30}"
        r"\b(?:support|donate|consider|subscribe|become|buy us|chip in|contribute|join)\b[^\"]{0,150}",
        r"your (?:generous |continued |financial )?(?:support|donation|contribution|gift|subscription|membership)s?"
        r" (?:makes?|helps?|keeps?|funds?|will|allows?|enables?|ensures?|is (?:vital|essential))\b[^\"]{0,100}"
        r"\b(?:us|our|journalism|journalists|newsroom|reporting|news|stories)\b[^\"]{0,80}",
        r"(?:all )?(?:donations|contributions|gifts) (?:to [^.\"]{2,40} )?are tax[- ]deductible\b[^\"]{0,100}",
        r"(?:unterstützen sie|unterstütze|mit (?:ihrer|deiner) spende|soutenez|votre soutien|apoya|apoye|tu apoyo"
        r"|apoie|seu apoio|sostieni|поддержите|wesprzyj)\b[^\"]{0,100}\b(?:journalismus|arbeit|presse|journalisme"
        r"|indépendance|periodismo|jornalismo|giornalismo|журналистику|dziennikarstwo)\b[^\"]{0,150}",
        r"[^.\"]{0,60}\bfaites un don\b[^\"]{0,60}|hazte soci[oa]\b[^\"]{0,80}",
        r"(?:please )?(?:make|give) a tax-deductible (?:gift|donation|contribution)[^\"]{0,80}",
    ),
    "related-links": (
        rf"{_READ_ALSO} ?: .{{2,160}}[^.]",
        rf"{_READ_ALSO_ABROAD}(?: ?[|>»–-])? [^.:]{{10,160}}",
        r"(?:read|see) more (?:on|about|from|in) ?:? ?[^.!?\"]{2,60}",
        r"\((?:read )?(?:more|photos|video|watch|related|see also) ?: [^()]{10,160}\)",
        r"related article [^.]{10,150}",
        r"(?:watch(?: now| next| more)?|photo gallery|in pictures|podcast) ?: [^.]{10,150}",
    ),
    "comments": (
        r"(?:view |show |see |read )?(?:all )?\(?\d[\d,.]{0,6}\)? (?:comments?|kommentare?|commentaires?|comentarios?"
        r"|comentários?|commenti|комментари\w{1,3}|komentarz\w{0,3})",
        r"(?:comments|os comentários|los comentarios|les commentaires|kommentare)"
        r" (?:are moderated|will be moderated|have to be|must be|não representam|não refletem|sont modérés)\b"
        r"[^\"]{0,250}",
        r"\d{1,4} (?:thoughts?|replies|responses?) (?:on|to) .{3,160}",
        r"(?:comments?|kommentare|commentaires|comentarios|comentários|commenti|комментарии|komentarze)"
        r" ?[(:]? ?\d[\d,.]{0,6}\)?",
    ),
    "cookie-notice": (
        r"(?:we|this (?:web)?site|our (?:web)?site)(?: and our (?:\d{1,4} )?(?:partners|vendors))? uses?"
        r" (?:essential )?cookies\b[^\"]{0,250}\b(?:experience|consent|policy|preferences|settings|privacy|analy[sz]e"
        r"|personali[sz]e|technologies|traffic|browsing)\b[^\"]{0,250}",
        rf"{_WE_AND_PARTNERS}\b[^\"]{{0,400}}\b(?:cookies?|data|daten|données|datos|dati|dados|gegevens|device|gerät"
        rf"|consent|advertising|technolog\w{{1,5}})\b[^\"]{{0,400}}",
        r"with your (?:permission|consent|agreement),? we\b[^\"]{0,400}",
        r"you (?:may|can) (?:change|withdraw|manage|update) your (?:mind|consent|preferences|choices"
        r"|settings)\b[^\"]{0,200}",
        r"(?:empfohlener )?(?:redaktioneller )?externen? inhalte? (?:erlauben|laden|anzeigen|zulassen)"
        r"|empfohlener externer inhalt|wir würden ihnen hier gerne? [^\"]{5,200}",
        r"[^.\"]{0,40}\bthis content is (?:provided|hosted) by\b[^\"]{0,400}",
        r"an dieser stelle (?:finden|sehen|ist)\b[^\"]{0,60}\bextern[^\"]{0,300}",
        r"ich bin (?:damit )?einverstanden, dass mir extern\w{1,3} inhalte\b[^\"]{0,200}",
        r"by continuing to (?:use|browse) (?:this|our) (?:web)?site,?[^\"]{0,40} you (?:agree|consent|accept)\b"
        r"[^\"]{0,200}",
    ),
    "form": (
        r"(?:please |you (?:need|have) to )?(?:enable|turn on|activate) javascript\b[^\"]{0,80}",
        r"(?:got|have|spotted|seen?|noticed|found) (?:an?|any|something)\b[^\"?]{0,40}"
        r"\b(?:correction|error|mistake|typo|wrong|inaccura\w{2,6})\b[^\"?]{0,30}\?[^\"]{0,100}",
        r"(?:haben sie einen )?fehler (?:gefunden|entdeckt|bemerkt)\?[^\"]{0,120}",
        r"¿(?:has|ha) (?:encontrado|visto) (?:un|algún) error\?[^\"]{0,80}",
        r"this (?:article|story|content|page) is (?:more than|over) (?:\d{1,2}|an?|one) (?:year|month)s? old",
        r"dieser (?:artikel|beitrag|text) (?:ist älter als|ist mehr als|stammt aus)\b[^\"]{2,50}",
        r"<(?:iframe|script|embed)\b.{0,400}",
        r"(?:text|font) ?size ?:? ?[a\x2b -]{1,12}",
    ),
    "tags": (r"(?:tags?|filed under|posted in) ?: ?[^.\"]{1,200}",),
    # What Nexis and Factiva write around an article.
    "archive-note": (
        r"length ?: [\d,.]{1,9} words",
        r"load-date ?: [^.!?]{6,40}",
        r"section ?: [^.!?\"]{2,80}; pg\. ?\S{1,8}",
        r"end of document",
        r"document [a-z]{4,9}\d{8,14}[a-z0-9]{5,12}",
    ),
    # What news agencies write around a report for editors.
    "wire-note": (
        r"\(\([^()]{0,200}\b(?:thomson)?reuters\.(?:net|com)\b[^()]{0,100}\)\)",
        r"for (?:immediate|embargoed) release:?",
        r"news provided by:?|want your (?:company|organi[sz]ation)'s news[^\"]{0,60}",
        r"# dpa-notizblock|burs-[a-z]{2,6}(?:/[a-z]{2,6}){0,5}",
        r"-30-|-0-|(?:# ?){3}|\*{3}end\*{3}|enditem|- ?ends? ?-",
    ),
    "promotion": (
        rf"do you (?:have|know)\b[^\"?]{{0,40}}\b(?:information|details|stor(?:y|ies)|tips?|more|something|anything"
        r"|documents|photos|pictures|videos?|footage|about)\b[^\"?]{0,80}\?[^\"]{0,80}"
        rf"{_SEND_US}[^\"]{{0,120}}",
        r"e-?mail us (?:at|on) \S{5,60}",
        r"(?:for|want) more (?:stories|news|articles) like this\b[^\"]{0,20}\b(?:download|sign up|subscribe|follow"
        r"|visit"
        r"|check)\b[^\"]{0,100}",
        r"(?:a version of )?this (?:article|story) (?:appears|appeared) in (?:the )?[^\"]{0,40}\bprint\b[^\"]{0,60}"
        r"(?:\"[^\"]{0,120}\")?\.?",
        r"(?:a version of )?this (?:article|story) (?:appears|appeared) in print\b.{0,250}",
        r"(?:catch|get|watch|read|check out) all the (?:latest|live|breaking|top) (?:news|updates"
        r"|stories)\b[^\"]{0,120}",
        r"click here (?:to|for) (?:subscribe|sign up|join|donate|get the|download (?:the|our)"
        r"|read (?:more|the full)|more|the latest|listen|watch|view more|see more)\b[^.\"]{0,60}\.?",
        r"[^.\"]{2,40} is an? (?:nonprofit|non-profit|independent)\b[^.\"]{0,40}\bnews(?:room| organi[sz]ation| site)\b"
        r"[^\"]{0,150}\b(?:sign up|subscribe|donate|support us|newsletters?)\b[^\"]{0,150}",
        r"(?:нашли (?:ошибку|опечатку)|masz (?:ciekawy temat|newsa))\b[^\"?]{0,40}\? ?[^\"]{0,120}",
        r"(?:download|get) our [^.\"]{0,40}\bapp\b[^\"]{0,100}",
        r"(?:do you )?(?:have|got) (?:a|an|any) (?:news |story )?(?:tips?|story|stories|idea)\b[^\"?]{0,40}\?"
        r"[^\"]{0,60}\b(?:e-?mail|contact (?:us|me|our)|get in touch|let us know|send (?:us|it|your|an)"
        r"|(?:write to|tell) us)\b[^\"]{0,120}",
    ),
    "photo-credit": (
        r"(?:(?:image|photo|slide|picture|item|list|bild|foto|imagen|photo) )?\d{1,3} (?:of|von|de|sur|di|van|из)"
        r" \d{1,3}(?: (?:images|photos|slides|items|bildern))?(?: ?\|)?|list of \d{1,2} items",
        r"(?:video )?duration:? ?\d{1,2}:\d\d(?::\d\d)?|\d{1,2}:\d\d ?/ ?\d{1,2}:\d\d",
        r"credits? ?(?:\.{2,3}|…) ?[^.!?]{2,60}",
        r"\(?(?:photo|image|picture|photograph|illustration|graphic|grafik|foto|crédit photo|fotografía|фото|zdjęcie)"
        r"(?: credits?| courtesy| illustration)? ?(?::|by\b|via\b|courtesy of\b|©) ?[^.!?]{2,60}",
        r"\(?(?:ap|reuters|afp|epa|upi|getty images?|ap photo|afp photo|reuters photo) ?/ ?[^!?]{2,60}",
        rf"\(?[^.!?:\"/|]{{3,40}} ?[/|] ?{_AGENCY}(?: ?/ ?[^.!?\"]{{2,40}})?\)?",
        r"\(?(?:credits?|copyright|bildquelle|bild): ?[^.!?]{2,60}|image source, [^.!?]{2,60}",
    ),
})  # fmt: skip

# Whole paragraphs that are chrome before the first or past the last running text of the article.
EDGE_PATTERN = _combined({
    "date": (
        r"(?:(?:published|updated|posted|last updated):? )?(?:an?|\d{1,2})"
        r" (?:second|minute|min|hour|hr|day|week|month)s? ago",
        r"vor \d{1,2} (?:minuten?|stunden?|tagen?)",
        r"(?:il y a|hace|há) \d{1,2} (?:minutes?|heures?|jours?|minutos?|horas?|días?|dias?)",
        r"(?:last |first )?(?:updated?|published|posted|aktualisiert|mis à jour|aggiornato|actualizado|atualizado"
        r"|обновлено):? (?:at |um |à |alle |a las |às |в )?\d{1,2}[:.h]\d\d(?: ?[ap]\.?m\.?| ?uhr"
        r"|h)?(?: [a-z]{2,5})?\.?",
        r"\(?(?:updated?|atualizado|actualizado|mis à jour|aggiornato):? (?:há|hace|il y a) [^.!?\"]{3,20}\)?",
        r"\d{1,3}(?: ?[smhdwy]| ?(?:mins?|hrs?)) ago|\d{1,2} ?(?:uur|minuten|dagen) geleden"
        r"|\d{1,2} ?(?:saat|dakika|gün) önce|قبل \d{1,2} \w{2,8}|منذ \d{1,2} \w{2,8}|\d{1,2} ?(?:小时|分钟|天)前",
        r"\d{1,2} (?:минуты?|часа?|часов|дней|дня|день|godzin[ay]?|minuty?|dni) (?:назад|temu)",
    ),
    "wire-note": (
        # The slug of an American agency: "BC-EU--Bridge Closed,3rd Ld-Writethru".
        r"(?:bc|ap|am|pm)-[a-z]{2,6}--? ?[^.!?\"]{2,60}",
        r"[a-z]{2}-[^.!?\"]{2,50}, ?(?:\d(?:st|nd|rd|th) )?ld\b[^.!?\"]{0,40}",
        r"eds(?:: | note: ?|\. ?note: ?).{3,250}",
        r"\((?:adds|updates|recasts|repeats|rewrites|writes through|new throughout)\b[^()]{2,250}\)",
        r"(?:the )?associated press(?: writers?)?|agence france-presse|reuters|afp|dpa",
        # Initials of those who wrote and edited, and a moment in military notation: "dpa aq yydd n1", "301530 Jul 24".
        r"dpa(?:[-/][a-z]{2,12})?(?=.{0,60} [a-z]{1,3}\d\b)(?: [a-z0-9]{2,6}){1,8}|\d{6}z? [a-z]{3} \d\d",
        r"[a-z]{2,5}/(?: ?[a-z]{2,5}/){0,4}(?: ?[a-z]{2,5})?",
    ),
    "breadcrumb": (
        r"(?:home|news|startseite|accueil|inicio|início|главная|strona główna) ?[>»›/|→] ?.{1,140}",
    ),
    "tags": (
        r"(?:tags?|tagged(?: with)?|topics?|filed under|posted in|key ?words?|categor(?:y|ies)|schlagwörter"
        r"|themen|mots-clés|etiquetas"
        r"|temas|argomenti|теги|tagi) ?: ?.{1,200}",
    ),
    "newsletter": (
        r"(?:get|receive|have) [^\"]{1,120}\b(?:to|in) your (?:inbox|e-?mail)\b[^\"]{0,80}",
        r"(?:you (?:may|can) )?unsubscribe (?:at any time|any ?time|here)\b.{0,60}",
        r"(?:sign up|subscribe|register)(?: here| now| today)? (?:for|to)\b[^.:\"]{1,80}[.!]?",
    ),
    "cookie-notice": (
        r"(?:we|this (?:web)?site|our (?:web)?site)(?: and our (?:\d{1,4} )?(?:partners|vendors))? uses?"
        r" (?:essential )?cookies\b.{0,400}",
        r"by (?:continuing to use|using|continuing to browse) (?:this|our) (?:web)?site\b.{0,250}",
        r"(?:wir (?:verwenden|nutzen)|diese (?:web)?seite (?:verwendet|nutzt)) cookies\b.{0,400}",
        r"(?:nous utilisons|ce site utilise) des cookies\b.{0,400}",
        r"(?:utilizamos|usamos|este sitio (?:web )?(?:utiliza|usa)|este site (?:utiliza|usa)) cookies\b.{0,400}",
        r"(?:utilizziamo|questo sito (?:web )?(?:utilizza|usa)) (?:i )?cookie\b.{0,400}",
        r"(?:мы используем|(?:этот|наш) сайт использует|на сайте используются) (?:файлы )?cookie\b.{0,400}",
        r"(?:używamy|(?:ta strona|nasza strona|ten serwis) (?:używa|wykorzystuje)) (?:plików )?cookie\w{0,2}.{0,400}",
    ),
    "share-bar": (
        rf"{_SHARE}(?:[ ,/|·•]{{1,3}}{_SHARE}){{1,12}}",
        r"\d{1,6} (?:shares?|likes?|views?|reads?)",
        rf"follow [^.\"]{{2,50}} on {_NETWORKS}\b[^\"]{{0,160}}",
        r"(?:reach|contact|e-?mail|follow|find) (?:her|him|them|me|the author|the writer|the reporter) (?:at|on|via)\b"
        r"[^\"]{2,100}",
        r"[^\"]{10,250}[.;,] (?:you can )?(?:reach|contact|e-?mail|follow|find) (?:her|him|them|me)"
        r" (?:at|on|via|@)[^\"]{2,100}",
    ),
    "related-links": (
        r"(?:more|latest|news|other stories|trending|popular|most read|most popular) (?:from|in|on|by) [^.!?\"]{2,40}",
        r"(?:previous|next|older|newer) (?:post|article|story|entry)s? ?[:›»→←|-] ?.{2,140}",
        r"(?:veja|leia|vea|ver|lee) (?:mais|más) [^.!?\"]{3,60}",
    ),
    "promotion": (
        r"follow this (?:topic|story|author)|get (?:e-?mail )?alerts (?:on|for|about) this [^.\"]{2,30}",
        r"(?:turn on|enable|allow|get) (?:push |desktop |browser |breaking news )?(?:notifications|alerts)\b"
        r"[^\"]{0,80}",
        r"become an? [\w ]{2,20} sponsor",
        r"this (?:article|story|piece) (?:was )?(?:first|originally) (?:appeared|published|ran)\b[^\"]{0,200}",
        r"when you (?:buy|purchase|click|shop)\b[^\"]{0,100}\blinks?\b[^\"]{0,60}\bwe (?:may |might "
        r"|could )?(?:earn|receive"
        r"|get|be paid)\b[^\"]{0,150}",
        r"(?:disclaimer ?: )?this (?:story|article|report|copy) (?:has|was|is)(?: not)?(?: been)?"
        r" (?:edited|published|auto-generated|generated|sourced|taken)\b[^\"]{0,80}\b(?:feed|agency|wire|syndicated)\b"
        r"[^\"]{0,120}",
        r"(?:available|get (?:it|the app)|download(?: it| the app)?) (?:now )?(?:on|from"
        r"|in) (?:the )?(?:apple )?(?:google play"
        r"|app store)\b[^\"]{0,60}",
        r"scan (?:the|this) qr[ -]code\b[^\"]{0,80}",
        r"powered by [\w .-]{2,30}",
        r"(?:来源|來源|责任编辑|責任編輯|责编|编辑|校对)[::] ?[^。！？]{1,30}",
        r"(?:do you )?(?:have|got) (?:a|any) (?:news )?(?:tips?|story|story to tell|question)\b[^\"?]{0,30}\?"
        r"[^\"]{0,150}",
        r"(?:download|get) our [^.\"]{0,40}\bapp\b[^\"]{0,100}",
        r"(?:download|get) the [^.,\"]{0,40}\bapp\b(?: (?:now|today|here|for|from|on|to)\b[^.,:\"]{0,80})?[.!]?",
    ),
})  # fmt: skip
