"""The curated phrases of site chrome, by rule and by where in a document they may be acted on.

All are in the folded form of `ingest.chrome.fold` (casefolded, straight quotation marks, plain hyphens), without the
punctuation around them.
"""

__all__ = ["ANYWHERE", "APPEAL_BUTTONS", "EDGE", "RELATED_ANYWHERE", "RELATED_AT_EDGE", "RELATED_BUTTONS"]


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for line in text.splitlines() for phrase in line.split("|") if phrase.strip())


def _by_phrase(rules: dict[str, str]) -> dict[str, str]:
    return {phrase: rule for rule, text in rules.items() for phrase in _phrases(text)}


# Headings of lists of other articles.
RELATED_ANYWHERE = _phrases("""
    read also | also read | also on this topic | more on this story | more on this topic | more on this
    more from this section | related articles | related article | related stories | related story | related news
    related coverage | related content | recommended for you | recommended stories | recommended reading
    you may also like | you might also like | you may also be interested in | you might also be interested in
    what to read next | most read stories | in case you missed it | more stories | more top stories
    editors' picks | editor's picks
    lesen sie auch | auch interessant | mehr zum thema | das könnte sie auch interessieren | weitere artikel
    lire aussi | à lire aussi | à lire également | lire également | sur le même sujet | articles liés
    lea también | lee también | leer también | te puede interesar | también te puede interesar
    noticias relacionadas | artículos relacionados | más sobre este tema
    leia também | veja também | leia mais | notícias relacionadas
    leggi anche | potrebbe interessarti | potrebbe interessarti anche | ti potrebbe interessare
    articoli correlati
    читайте также | читайте ещё | читайте еще | материалы по теме | новости по теме
    czytaj także | czytaj też | zobacz też | zobacz także | przeczytaj także | powiązane artykuły
""")
# These may also head a section of an article, so they count only past its last sentence.
RELATED_AT_EDGE = _phrases("""
    tags | topics | filed under | keywords | explore more on these topics | more on these topics | themen | теги
    tagi | etiquetas | archivado en | más información | sur le même thème
    read next | up next | recommended | related | related topics | see also | trending
    trending now | popular | most read | most popular | most viewed | latest | latest news | latest stories
    latest articles | top stories | top news | more news | more articles | more like this | further reading
    don't miss | popular articles | recent posts | related posts | recent articles | featured | zum thema | meistgelesen
    neueste artikel | voir aussi | les plus lus | más leídas | lo más leído | más noticias | últimas noticias
    ver también | mais lidas | últimas notícias | saiba mais | i più letti | ultime notizie | по теме
    смотрите также | популярное | последние новости | polecamy | najczęściej czytane | najnowsze
""")
# Links to another article. Alone within the article they go, but nothing that follows does.
RELATED_BUTTONS = _phrases("""
    read more | read full story | read the full story | read full article | read the full article | weiterlesen
    mehr lesen | lire la suite | lire plus | leer más | seguir leyendo | ler mais | leggi tutto | continua a leggere
    читать далее | читать полностью | подробнее | czytaj więcej | czytaj dalej
""")

# Buttons of a donation form: they count only inside an appeal.
APPEAL_BUTTONS = _phrases("""
    once | one-time | one time | single | monthly | annual | annually | yearly | other | other amount | continue
    close | next | x | give once | give monthly | amount | choose an amount | select an amount
    select payment method | card | paypal | apple pay | dear readers | dear reader | thank you
    thanks for reading | no thanks | maybe later | not now | learn more
    every donation counts | every contribution counts | every little helps | even a small amount helps
    we can't do this without you | can you chip in | thank you for your generosity
""")

# Whole lines that no article has as a paragraph of its own.
ANYWHERE = _by_phrase({
    "skip-link": """
        accessibility links | accessibility help | keyboard shortcuts for audio player
        skip to content | skip to main content | skip to main | skip to navigation | skip to search
        skip to footer | skip navigation | skip links | skip to site index | skip advertisement
        jump to content | jump to navigation | zum inhalt springen | zum hauptinhalt springen
        direkt zum inhalt | aller au contenu | aller au contenu principal | passer au contenu
        saltar al contenido | saltar al contenido principal | ir al contenido | ir al contenido principal
        pular para o conteúdo | ir para o conteúdo | saltar para o conteúdo | vai al contenuto
        salta al contenuto | перейти к содержанию | перейти к содержимому | перейти к основному содержанию
        przejdź do treści
    """,
    "advertisement": """
        sponsor message | skip past newsletter promotion | after newsletter promotion
        dalszy ciąg artykułu pod materiałem wideo | dalsza część artykułu pod materiałem wideo
        advertisement | advertisements | scroll to continue | continue reading the main story
        continue reading below | remove ads | report this ad | advertisement - continue reading below
        advertisement - scroll to continue
        advertisement. scroll to continue | weiterlesen nach der anzeige | anzeige | werbung
        publicité | la suite après la publicité
        la suite après cette publicité | publicidad | publicidade | continua após a publicidade
        continua depois da publicidade | pubblicità | l'articolo continua dopo la pubblicità | реклама | reklama
    """,
    "listen": """
        listen to this article | listen to this story | listen to article | listen to the article
        artikel anhören | écouter l'article | écouter cet article | escuchar artículo | escucha este artículo
        ouvir artigo | ouça este artigo | ascolta l'articolo | ascolta questo articolo | прослушать статью
        posłuchaj artykułu
    """,
    "player": """
        play video | video player is loading | this video can not be played | this video cannot be played
        unable to play media | unable to play media? try a different browser
        media playback is not supported on this device | media playback is unsupported on your device
        your browser does not support the video tag | your browser does not support the audio element
        your browser does not support html5 video | your browser does not support html5 audio
        to play this video you need to enable javascript in your browser
        to use comments you will need to have javascript enabled | javascript is disabled in your browser
        you need to enable javascript to run this app | javascript is required | javascript is disabled
    """,
    "newsletter": """
        sign up for our newsletter | subscribe to our newsletter | join our newsletter | join our mailing list
        get our newsletter | please enter a valid email address | never miss a story | don't miss a story
        never miss an update | never miss a beat | thanks for signing up
        thank you for signing up | thank you for subscribing | thanks for subscribing | enter your email
        enter your email address | unsubscribe at any time | you can unsubscribe at any time
        you may unsubscribe at any time | newsletter abonnieren | s'inscrire à la newsletter
        newsletter bestellen | jetzt newsletter abonnieren | jetzt den newsletter abonnieren
        s'abonner à la newsletter | recevoir la newsletter | recevez notre newsletter
        suscríbete a nuestra newsletter | suscríbete a nuestro boletín | assine nossa newsletter
        iscriviti alla newsletter | подпишитесь на рассылку | подписаться на рассылку
        zapisz się do newslettera | zapisz się na newsletter
    """,
    "sign-in": """
        already a subscriber | already a member | already have an account | already registered
        this article is for subscribers only | this content is for subscribers only
        this article is for members only | log in or subscribe | sign in or subscribe
        subscribe to continue reading | sign in to continue reading | log in to continue reading
        register to continue reading | subscribe to read the full story | subscribe to read the full article
        to continue reading, subscribe | start your free trial | start your free trial today
        jetzt kostenlos testen | jetzt weiterlesen | cet article est réservé aux abonnés
        article réservé aux abonnés | la suite est réservée aux abonnés | contenu réservé aux abonnés
        suscríbete para seguir leyendo | regístrate para seguir leyendo | regístrate gratis para seguir leyendo
        este contenido es exclusivo para suscriptores | contenido exclusivo para suscriptores
        assine para continuar lendo | conteúdo exclusivo para assinantes | contenuto riservato agli abbonati
    """,
    "share-bar": """
        share this | share this via | share this with | tweet | tweet this | share on social media
        share this article | share this story | share this post | share this page | share full article
        share article | article share options | share options | gift this article | gift article | give this article
        save this article | save article | save this story | save for later | add to reading list | add to bookmarks
        add to favorites | add to favourites | bookmark this article | print article | print this page | print story
        copy url | font size | text size | resize text | change font size | increase font size | decrease font size
        a a a | download pdf | download as pdf | copy link | link copied | copy link to clipboard | click to copy link
        print this article | email this article | add us on google | share this with friends | artikel teilen
        link kopieren | artikel drucken | artikel merken | ajouter à vos favoris | ajouter aux favoris
        partager l'article | partager cet article | copier le lien | compartir artículo | copiar enlace
        compartilhar notícia | compartilhe esta notícia | copiar link | condividi l'articolo
        condividi questo articolo | copia link
        поделиться ссылкой | скопировать ссылку | udostępnij artykuł | skopiuj link
    """,
    "cookie-notice": """
        accept all cookies | reject all cookies | accept cookies | manage cookies | manage cookie preferences
        alle cookies akzeptieren | accepter tous les cookies | tout accepter | aceptar todas las cookies
        aceitar todos os cookies | accetta tutti i cookie | принять все cookie
        zaakceptuj wszystkie pliki cookie
    """,
    "appeal": """
        remind me later | remind me next month | not ready to support today | donate now | donate today
        thank you! your reminder is set | your reminder is set | support our journalism
        support independent journalism | support quality journalism | support local journalism
        support our work | support our work today | become a supporter
        chip in | chip in today | chip in now | donate to us | support us today | make a contribution today
        make a tax-deductible donation | make a donation today | give today | jetzt spenden
        unterstützen sie unseren journalismus | faire un don | soutenez-nous
        soutenir le journalisme indépendant | dona ahora | apoya nuestro periodismo | doe agora
        apoie o nosso jornalismo | sostienici | dona ora | поддержать редакцию | поддержите нас | wesprzyj nas
    """,
    "comments": """
        leave a comment | post a comment | add a comment | write a comment | join the conversation
        view comments | show comments | view all comments | leave a reply | be the first to comment
        loading comments | diskutieren sie mit | vous souhaitez réagir
        comments are closed | log in to comment | sign in to comment | cancel reply | kommentar schreiben
        kommentar verfassen | laisser un commentaire | deja un comentario | dejar un comentario
        deixe um comentário | lascia un commento | оставить комментарий | dodaj komentarz
    """,
    "form": """
        your email address will not be published | required fields are marked
        your email address will not be published. required fields are marked
        save my name, email, and website in this browser for the next time i comment
        oops! something went wrong while submitting the form | thank you! your submission has been received
        open submenu | close submenu | toggle submenu | toggle child menu | toggle navigation | toggle menu
        report a correction | report an error | report a typo | suggest a correction | submit a correction
        see something wrong? let us know | was this article helpful | was this helpful | how useful was this post
        rate this article | rate this post | click on a star to rate it | report this content
        open menu close menu | leave a reply cancel reply | search for
    """,
    "copyright": """
        our standards: the thomson reuters trust principles | the thomson reuters trust principles
        republish this article | republish this story | republish our articles for free, online or in print
        reprints and permissions | request permissions | order reprints
    """,
    "navigation": """
        back to top | back to the top | return to top | go to top | scroll to top | nach oben | zum seitenanfang
        haut de page | retour en haut | retour en haut de page | volver arriba | voltar ao topo | torna su
        наверх | do góry | wróć na górę
    """,
    "photo-credit": """
        image caption | media caption | video caption | toggle caption | hide caption | getty images | ap photo
        file photo | shutterstock | courtesy photo | getty
    """,
})  # fmt: skip

# Whole lines that count only in a menu, before the first or past the last sentence of the article.
EDGE = _by_phrase({
    "navigation": """
        ausland | inland | international | your account | more menu | all topics | see all topics
        become a sponsor
        home | homepage | menu | main menu | search | close | news | world | world news | politics | business
        economy | money | sport | sports | opinion | opinions | analysis | culture | lifestyle | life
        technology | tech | science | health | entertainment | video | videos | photos | pictures | podcasts
        podcast | live | breaking | breaking news | watch | watch live | watch tv | live tv | watch now
        listen now | radio | tv | newsletters | newsletter | e-paper | epaper | weather | travel | arts
        magazine | about | about us | contact | contact us | help | faq | advertise | advertise with us
        careers | jobs | terms | terms of use | terms of service | terms and conditions | terms & conditions
        privacy | privacy policy | cookie policy | cookies | site map | sitemap | accessibility | rss | archive
        archives | corrections | next | previous | next article | previous article | next post
        previous post | view all | see all | load more | show more | more | continue reading | full story
        open menu | close menu | open navigation menu | all sections | sections | local
        local news | national | startseite | menü | suche | nachrichten | politik | wirtschaft | kultur
        panorama | impressum | datenschutz | agb | accueil | rechercher | actualités | politique | économie
        monde | mentions légales | inicio | buscar | portada | política | economía | deportes | mundo
        aviso legal | início | economia | esportes | cerca | cronaca | politica | esteri | главная | поиск
        новости | политика | экономика | мир | общество | спорт | в мире | strona główna | szukaj | wiadomości
        polityka | świat
    """,
    "sign-in": """
        log in | login | sign in | sign up | register | subscribe | subscribe now | subscribe today | my account
        create account | create an account | create free account | start free trial | log out | anmelden
        abonnieren | se connecter | s'abonner | iniciar sesión | suscríbete | suscribirse | entrar | assine
        accedi | abbonati | войти | подписаться | zaloguj się | zaloguj
    """,
    "share-bar": """
        transcript | toggle more options | zur merkliste hinzufügen | reuse this content
        share | email | e-mail | print | save | bookmark | follow us | share via | share on
        like | pin it | teilen | drucken | partager | imprimer | compartir | imprimir | compartilhar | partilhar
        condividi | stampa | поделиться | распечатать | udostępnij | drukuj
    """,
    "network": """
        facebook | twitter | x | linkedin | whatsapp | telegram | instagram | reddit | pinterest | youtube
        threads | bluesky | tiktok | flipboard | messenger | вконтакте | mastodon | x (twitter) | twitter/x
    """,
    "cookie-notice": """
        accept all | accept | reject all | cookie settings | cookie preferences | manage preferences
        manage options | i agree | got it | privacy settings | alle akzeptieren | aceptar todo | accetta tutto
    """,
    "advertisement": """
        advertising | ad | ads | sponsored | sponsored content | promoted | promoted content | paid content | anuncio
        sponsored ads | sponsored links | ads by google
    """,
    "appeal": """
        donate | support us | contribute | become a member | make a donation | spenden | donar | doar | dona
        support | thank you for your support
    """,
    "comments": """
        comments | comment | kommentare | commentaires | comentarios | comentários | commenti | комментарии
        komentarze
    """,
    "player": "watch more | video player | audio player | loading | loading weather data",
    "date": "published | updated | just now | last updated | first published",
})  # fmt: skip
