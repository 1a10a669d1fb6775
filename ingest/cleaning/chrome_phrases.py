"""The curated phrases of site chrome, by rule and by where in a document they may be acted on.

All are in the folded form of `ingest.cleaning.chrome.fold` (casefolded, straight quotation marks, plain hyphens),
without the punctuation around them.
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
    related topics and stories | list of related articles | related links
    related posts and pages | related internet links | recommended articles | recommended for you today
    more from this author | more for you | more to explore | read more on this topic
    read more about | read this next | people also read | others also read | readers also read
    you may be interested in | you might like | you may have missed | stories you might like
    what others are reading | what we're reading | most read in news | most read this week | most read today
    most popular in news | most shared | editor's choice stories | don't miss these | our top picks
    top picks for you | suggested articles | latest in news | explore more topics
    follow topics in this article | follow the topics in this article | on this story | see more on this topic
    the latest headlines | mehr zu diesem thema | lesen sie mehr zum thema | lesen sie mehr
    verwandte artikel | verwandte themen | ähnliche artikel | dazu passend
    das könnte dich auch interessieren | auch lesenswert | weitere themen | aus dem ressort | mehr aus dieser rubrik
    mehr von uns | mehr lesen über | lesen sie dazu auch | empfehlungen der redaktion | à lire | à voir aussi
    a lire aussi | articles similaires | articles recommandés | dans la même rubrique | nos articles sur le sujet
     vous aimerez aussi | lire plus d'articles | nous vous recommandons | contenus sponsorisés
     le puede interesar | puede interesarte | podría interesarte | quizás te interese
    notas relacionadas | relacionadas | sigue leyendo sobre | más noticias relacionadas | contenido relacionado
    lee más | lee además | ver más noticias | lo más reciente | leia mais sobre | você também pode gostar
    você pode gostar | matérias relacionadas | conteúdo relacionado | leia ainda | veja mais | mais sobre o assunto
    mais notícias | recomendados para você | articoli simili | notizie correlate
    leggi anche questo | altri articoli | articoli consigliati
    potrebbero interessarti | lees ook | lees meer over | meer over dit onderwerp | meer nieuws
    aanbevolen | gerelateerde artikelen | ook interessant | lees verder over | ilgili haberler
    benzer haberler | önerilen haberler | bunlar da ilginizi çekebilir | sizin için seçtiklerimiz | diğer haberler
    اقرأ أيضا | اقرأ أيضاً | اقرأ المزيد | مواضيع ذات صلة | أخبار ذات صلة | مقالات ذات صلة | قد يعجبك أيضا
    الأكثر قراءة | المزيد من الأخبار | 相关阅读 | 相关新闻 | 相关文章 | 延伸阅读 | 推荐阅读 | 热门推荐 | 猜你喜欢
    更多新闻 | 热点新闻 | 相關新聞 | 相關文章
    関連記事 | あわせて読みたい | 관련기사 | 관련 기사 | похожие материалы | новости партнеров | новости партнёров
    рекомендуем прочитать | вам может быть интересно | другие новости | ещё по теме | еще по теме | читать также
    главные новости | лента новостей | самое читаемое | читайте також | схожі новини | zobacz również
     podobne artykuły | może cię zainteresować | więcej na ten temat | läs också | läs även
    läs mer | les også | læs også | související články | čtěte také | lue myös | citește și
    leia tudo sobre o tema e siga | läs nästa | läs vidare | top news today | you may also enjoy
    more stories from us | más información sobre
    noticia relacionada | artículo relacionado | articolo correlato | suggeriti per te
""")
# These may also head a section of an article, so they count only past its last sentence.
RELATED_AT_EDGE = _phrases("""
    da non perdere | per approfondire | pour aller plus loin | à ne pas manquer | te recomendamos | рекомендуем
    warto przeczytać | zie ook
    bekijk ook | mehr dazu | passend dazu | relacionados | related reports
    tags | topics | filed under | keywords | explore more on these topics | more on these topics | themen | теги
    tagi | etiquetas | archivado en | más información | sur le même thème
     related reading
    read next | up next | recommended | related | related topics | see also | trending
    trending now | popular | most read | most popular | most viewed | latest | latest news | latest stories
    latest articles | top stories | top news | more news | more articles | more like this | further reading
    don't miss | popular articles | recent posts | related posts | recent articles | featured | zum thema
    meistgelesen
    neueste artikel | voir aussi | les plus lus | más leídas | lo más leído | más noticias | últimas noticias
    ver también | mais lidas | últimas notícias | saiba mais | i più letti | ultime notizie | по теме
    смотрите также | популярное | последние новости | polecamy | najczęściej czytane | najnowsze
    trending topics | trending stories | trending news | most recent | most commented | most watched
    news in pictures | elsewhere on the site | more from us | more coverage | more headlines | also in the news
    other stories | other news | today's headlines | latest headlines | latest videos | top videos
    featured stories | featured articles | in this story | on the topic | more on | up next in news | categories
    tags in this article | story tags | article topics | explore topics | sections in this article | the big read
    in other news | from our network | around the network | about the author | about the authors | about the writer
    about the reporter | sobre el autor | sobre la autora | sobre la firma | sobre o autor | über den autor
    über die autorin | zum autor | zur autorin | à propos de l'auteur | l'autore | over de auteur | об авторе
    о autorze | schlagworte | schlagworte zu diesem artikel | stichworte | mehr aus | meistgelesene artikel
    meist gelesen | neueste | aktuelle meldungen | beliebteste artikel | top-themen | sujets | sujets associés
    thèmes | le plus lu | les plus commentés | dernières actualités | l'actu en direct | temas relacionados
     lo más leído hoy | las más leídas | lo más visto | más leído | más leídos | tendencias
    otras noticias | tópicos | assuntos | mais acessadas | mais vistas | tags relacionadas | destaques | argomenti
    temi | tag | i più visti | altre notizie | notizie più lette | meest gelezen | meest bekeken | onderwerpen
    trefwoorden | etiketler | çok okunanlar | en çok okunanlar | الوسوم | كلمات مفتاحية | الأكثر مشاهدة | 标签
    关键词
    热门 | 最新 | 排行榜 | タグ | 태그 | ключевые слова | метки | самое популярное | тематика | tematy
    słowa kluczowe
    popularne | taggar | ämnen | emner | populært
    temas | mest läst | mest lästa | mest lest | mest læst | senaste nytt | siste nytt | in the news
    top stories today | in brief | recent news
""")
# Links to another article. Alone within the article they go, but nothing that follows does.
RELATED_BUTTONS = _phrases("""
    read more | read full story | read the full story | read full article | read the full article | weiterlesen
    mehr lesen | lire la suite | lire plus | leer más | seguir leyendo | ler mais | leggi tutto | continua a leggere
    читать далее | читать полностью | подробнее | czytaj więcej | czytaj dalej
    see more | read more here | more details | read the story | read the article | read story | read article
    show full article | view full article | continue reading this article | continuer la lecture | afficher la suite
    lire l'article | lire la suite de l'article | leer la noticia completa | leer nota completa | ver más
    saiba mais sobre | leia a matéria completa | scopri di più | approfondisci | mehr anzeigen
    artikel lesen | zum artikel | jetzt lesen | lees meer | lees verder | verder lezen | devamını oku | المزيد
    阅读全文 | 查看全文 | 展开全文 | 続きを読む | 더보기 | читать полностью материал | читать статью | więcej
""")

# Buttons of a donation form: they count only inside an appeal.
APPEAL_BUTTONS = _phrases("""
    once | one-time | one time | single | monthly | annual | annually | yearly | other | other amount | continue
    close | next | x | give once | give monthly | amount | choose an amount | select an amount
    select payment method | card | paypal | apple pay | dear readers | dear reader | thank you
    thanks for reading | no thanks | maybe later | not now | learn more
    every donation counts | every contribution counts | every little helps | even a small amount helps
    we can't do this without you | can you chip in | thank you for your generosity
    einmalig | monatlich | jährlich | anderer betrag | nein danke | weiter | vielen dank | une fois | ponctuel
    mensuel | annuel | autre montant | non merci | continuer | merci | una vez | mensual | anual | otra cantidad
    no, gracias | ahora no | continuar | gracias | uma vez | mensal | outro valor | não, obrigado | una tantum
    mensile | annuale | altro importo | no grazie | grazie | eenmalig | maandelijks | jaarlijks | ander bedrag
    nee, bedankt | doorgaan | единоразово | ежемесячно | разово | другая сумма | спасибо | jednorazowo | miesięcznie
    inna kwota | dziękujemy | just once | every month | every year | per year | enter amount | other ($)
    custom amount | i'd rather not | give | give now | give today | yes | no | skip | not today | ask me later
    remind me in a month | google pay | apple pay | credit card | debit card | bank transfer | bitcoin
    cryptocurrency | stripe | secure donation | gift aid | cover the fees | add a comment | dedicate this gift
    one-off | quarterly | weekly
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
        jump directly to the content | skip to primary navigation | skip to sidebar | skip to secondary menu
        skip to page content | skip to article | skip to comments | skip to main menu | jump to main content
        jump to comments | jump to comments section | ga naar de inhoud | direct naar de inhoud
        ga naar hoofdinhoud | naar de inhoud | hoppa till innehåll | hoppa till huvudinnehåll | gå til hovedindhold
        hopp til innhold | gå til innhold | içeriğe geç | ana içeriğe geç | içeriğe atla | sari la conținut
        přejít k obsahu | přeskočit na obsah | siirry sisältöön | перейти до вмісту | перейти к основному контенту
        انتقل إلى المحتوى | تخطي إلى المحتوى | تجاوز إلى المحتوى الرئيسي | 跳转到主要内容 | 跳至主要内容 | 跳到内容
        コンテンツへスキップ
        aller à la navigation | aller à la recherche | zur hauptnavigation springen | zur suche springen
        zum menü springen
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
        advertentie | annonce publicitaire | annons | reklam | reklam alanı | ilan | إعلان | إعلانات | 广告 | 廣告
        広告
        광고 | anúncio publicitário | lees verder na de advertentie | lees verder onder de advertentie
        artikel gaat verder onder de advertentie | tekst gaat verder onder de foto | haberin devamı
        haberin devamı aşağıda | continua dopo il video | annuncio pubblicitario | contenido patrocinado
        contenu sponsorisé | contenuto sponsorizzato | conteúdo patrocinado | story continues below
        article continues below | story continues | scroll to continue with content | scroll down to continue
        the article continues below | sigue después de la publicidad | continúa después de la publicidad
        werbung schliessen | nach der anzeige geht es weiter | artikel wird unter der anzeige fortgesetzt | why ads
        why am i seeing this ad | dalsza część tekstu pod wideo | dalszy ciąg pod materiałem wideo
        ciąg dalszy pod reklamą | this advertisement has not loaded yet
        this advertisement has not loaded yet, but your article continues below | paid advertisement
        advertiser content | empfohlener redaktioneller inhalt | externer inhalt
        ad feedback | advertise here | ads help us
    """,
    "listen": """
        listen to this article | listen to this story | listen to article | listen to the article
        artikel anhören | écouter l'article | écouter cet article | escuchar artículo | escucha este artículo
        ouvir artigo | ouça este artigo | ascolta l'articolo | ascolta questo articolo | прослушать статью
        posłuchaj artykułu
        listen to this article now | hear this story | listen to the story | listen to story | artikel zum hören
        diesen artikel vorlesen | artikel vorlesen | vorlesen | écouter le podcast | écoutez cet article
        escuchar este artículo | escuchar la noticia | ouvir a notícia | ouvir notícia | ascolta la notizia
        luister naar dit artikel | beluister dit artikel | слушать статью | haberi dinle | استمع إلى المقال
        your browser does not support the audio tag | this is an ai-generated voice | this audio is generated by ai
        this audio is auto-generated. please let us know if you have feedback | this feature is in beta
        lyssna på artikeln | lyt til artiklen | ouvir o texto | ouça este texto | ouvir texto
        luister naar dit verhaal | heard on all things considered | heard on morning edition
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
        video unavailable | this video is unavailable | this video is no longer available | video is not available
        an error has occurred. please try again later | an error occurred. please try again later
        something went wrong, please try again later | please turn on javascript to use this feature | skip ad
        mute | unmute | play audio | pause audio | expand player | autoplay | current time 0:00 | duration 0:00
        loaded: 0% | stream type live | remaining time -0:00 | playback rate | enter full screen | replay video
        click to play | tap to unmute | click to unmute | this is a modal window
        you have a preview view of this article while we are checking your access
        lire la vidéo | ver vídeo | guarda il video | video abspielen
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
        thanks for subscribing! check your inbox | sign up to our newsletter | sign up to the newsletter
        sign up for the newsletter | sign up for our free newsletter | sign up to our free newsletter
        sign up for our newsletters | sign up for free newsletters | subscribe to our newsletters
        subscribe to the newsletter | subscribe to our free newsletter | subscribe to newsletter
        sign up for email newsletters | sign up for breaking news alerts | get the newsletter | get our newsletters
        newsletter sign up | newsletter signup | newsletter sign-up
        enter your email here | enter email address | stay in the know | join thousands of subscribers
        please check your email to confirm your subscription | please check your inbox to confirm
        no spam. unsubscribe anytime | no spam, unsubscribe anytime | we respect your privacy
        we'll never share your email | meld je aan voor onze nieuwsbrief | schrijf je in voor onze nieuwsbrief
        inschrijven nieuwsbrief | zum newsletter anmelden | newsletter anmelden | für den newsletter anmelden
        hier geht's zum newsletter | inscrivez-vous à notre newsletter | inscrivez-vous à la newsletter
        recevez notre infolettre | je m'inscris à la newsletter | suscríbete al boletín | suscríbete a la newsletter
        apúntate a la newsletter | recibe nuestra newsletter | assine a newsletter | receba nossa newsletter
        inscreva-se na newsletter | receba as notícias por e-mail | iscriviti alla nostra newsletter
        ricevi la newsletter | bültene abone ol | e-bültene abone ol | اشترك في النشرة البريدية
        اشترك في نشرتنا البريدية | 订阅我们的新闻通讯 | 订阅电子报 | підпишіться на розсилку
        prenumerera på vårt nyhetsbrev
        tilmeld dig vores nyhedsbrev | meld deg på nyhetsbrevet
        invalid email | invalid email address | more newsletters | we have more newsletters | see our privacy notice
         selecionamos as notícias que você precisa saber | receba no seu email | receba no seu e-mail
        sign me up | you're all set | you are subscribed | get our free newsletters | anmäl dig till vårt nyhetsbrev
        want more stories like this? sign up
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
        subscribe to read | subscribe to unlock this article | unlock this article
        to read the full story, subscribe or sign in | to continue reading this article, please subscribe
        please subscribe to continue | this is a subscriber-only article | this is a subscriber exclusive
        subscriber only | subscribers only | subscriber exclusive | for subscribers only | members only
         this is a premium article | already subscribed | already have a subscription
        already subscribe | not a subscriber | log in to continue | sign in to read | sign in to your account
        cancel anytime | you can cancel anytime | cancel at any time | view subscription options
        see subscription options | subscribe to continue | create a free account to continue reading
        create a free account to read this article | register for free to continue reading
        unlock the editor's digest for free | exklusiv für abonnenten | nur für abonnenten
        jetzt abonnieren und weiterlesen | jederzeit kündbar | jetzt testen | jetzt registrieren
        sie haben bereits ein abo | sie sind bereits abonnent | bereits abonnent | bereits registriert
        diesen artikel jetzt lesen | déjà abonné | déjà abonné ? connectez-vous | déjà abonnée | réservé aux abonnés
        lire la suite en s'abonnant | sans engagement | solo para suscriptores | exclusivo para suscriptores
        contenido solo para suscriptores | ¿ya eres suscriptor | ya soy suscriptor
        ¿ya eres suscriptor? inicia sesión | exclusivo para assinantes | já é assinante | já sou assinante
        riservato agli abbonati | sei già abbonato | sei già abbonato? accedi | alleen voor abonnees | word abonnee
        al abonnee | exclusief voor abonnees | dostęp tylko dla subskrybentów | masz już subskrypcję
        только для подписчиков | mehrfachnutzung erkannt
        recurso exclusivo para assinantes | sua assinatura pode valer muito | sua assinatura vale muito
        benefício do assinante | bli prenumerant | logga in för att läsa | endast för prenumeranter
        to enjoy additional benefits | premium article | unlimited digital access | view subscription offers
        ya sos suscriptor | para continuar leyendo | iniciá sesión
        esta funcionalidad es sólo para suscriptores | esta funcionalidad es sólo para registrados
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
        share page | share this page via | share this content | close share menu | share options menu | share link
        share to | share on facebook | share on twitter | share on x | share via email | share by email
        click here to share on social media | click to share | click to print | click to email a link to a friend
        open share drawer | close panel | about sharing | read more about sharing | view in app | email link
        send to a friend | send this article by email | send this page to someone via email | deel dit artikel
        deel artikel | deel dit | artikel delen | link kopiëren | kopieer link | dela artikeln | dela artikel
        del artikkel | del artikel | artikel versenden | artikel teilen auf | beitrag teilen | teilen auf
        diesen artikel teilen | diesen beitrag teilen | per e-mail teilen | in zwischenablage kopieren
        partager sur | partager sur les réseaux sociaux | partager par mail | offrir l'article | offrir cet article
        ajouter à vos sélections | ajouter à mes favoris | partagez cet article | imprimer l'article
        envoyer par e-mail | comparte esta noticia | comparte este artículo | compartir esta noticia
        compartir noticia | compartir en | copiar el enlace | desplegar redes sociales | ir a los comentarios
        guardar artículo | enviar por correo | compartilhe | compartilhe essa notícia | compartilhar artigo
        compartilhe este artigo | compartilhar no | condividi su | condividi sui social | condividi la notizia
        копировать ссылку | поделиться в соцсетях | поделитесь новостью | поделиться новостью
        поділитися | paylaş | haberi paylaş | bağlantıyı kopyala | linki kopyala | udostępnij ten artykuł
        kopiuj link | شارك | شارك المقال | شارك الخبر | نسخ الرابط | مشاركة | انسخ الرابط | 分享 | 分享到 | 分享至
        转发
        复制链接 | 複製連結 | シェア | 공유하기 | 공유
        read later | read in app | open in app | connect with us | salvar para ler depois | dê um conteúdo
        diminuir fonte | aumentar fonte | tamanho da fonte | tamaño de letra | aumentar letra | följ oss
        följ oss på facebook | følg oss | følg os | seguinos | seguici | suivez-nous | volg ons | bizi takip edin
        تابعنا | 关注我们 | subscríbete a nuestro canal | like loading
    """,
    "cookie-notice": """
        accept all cookies | reject all cookies | accept cookies | manage cookies | manage cookie preferences
        alle cookies akzeptieren | accepter tous les cookies | tout accepter | aceptar todas las cookies
        aceitar todos os cookies | accetta tutti i cookie | принять все cookie
        zaakceptuj wszystkie pliki cookie
        we value your privacy | your privacy matters | your privacy choices | your privacy settings
        accept and continue | accept & continue | accept and close | agree and close | continue without accepting
        continue without agreeing | accept only essential cookies | only necessary cookies
        use necessary cookies only | manage cookie settings | cookie consent | privacy and cookies
        this website uses cookies | this site uses cookies | we use cookies | wir benötigen ihre zustimmung
        zustimmen und weiter | alle cookies ablehnen | nur notwendige cookies | cookie-einstellungen
        datenschutzeinstellungen | akzeptieren und weiter | auswahl akzeptieren | continuer sans accepter
        gérer mes choix | accepter et continuer | accepter et fermer | paramétrer les cookies | gérer les cookies
        aceptar y continuar | aceptar y cerrar | rechazar todas las cookies | configurar cookies | gestionar cookies
        aceitar e continuar | aceitar cookies | rejeitar todos | configurações de cookies | accetta e continua
        accetta e chiudi | rifiuta tutti | impostazioni cookie | preferenze cookie | alle cookies accepteren
        cookies accepteren | cookie-instellingen | çerezleri kabul et | tüm çerezleri kabul et | принять cookie
        accepter alle cookies | acceptera alla cookies | godta alle
        enable cookies | allow cookies once | enable cookies allow cookies once
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
        a quick favor before you leave | a quick favour before you leave | a small favour to ask | we need your help
        we need your support | yes, i'll chip in | yes, i'll donate | i already donated | i've already donated
        no thanks, i've already given | i already give | maybe next time
        support our mission | support our newsroom | support our reporting | support the news you trust
        support local news | support independent news | support independent media | support nonprofit news
        support public media | support nonprofit journalism | support public radio | support this work
        support the journalism you rely on | show your support | help us keep going | help keep our journalism free
        keep our journalism free | secure payment via stripe | make a one-time donation | make a monthly donation
        make a recurring donation | become a member today | become a sustaining member | become a patron
         become a monthly donor | support us on patreon | buy us a coffee | buy me a coffee
        donate via paypal | your support makes all the difference | your donation will be matched
        all donations are matched | all gifts are matched | will you stand with us
        ich möchte unterstützen | jetzt unterstützen | jetzt unterstützer werden | jetzt mitglied werden
         unterstützen sie uns | guter journalismus kostet geld | journalismus kostet geld
        unabhängiger journalismus kostet geld | schon dabei? wunderbar | je fais un don | je soutiens | je donne
        faites un don | soutenir la rédaction | soutenez notre journal | soutenez une presse indépendante
        soutenez un média indépendant | faire un don mensuel | j'ai déjà donné | déjà donateur | hazte socio
        hazte socia | hazte socio, hazte socia | hazte miembro | ya soy socio | ya soy socia | apóyanos
        apoya el periodismo independiente | haz tu donación
        apoie o jornalismo independente | apoie-nos | quero apoiar | seja membro
        sostieni il giornalismo indipendente | sostieni il nostro lavoro | sostieni il nostro giornalismo
         diventa socio | steun ons | steun onze journalistiek | doneer nu
        word donateur | word vriend van | оформить пожертвование | сделать пожертвование
        поддержать проект | поддержать нас | поддержите независимую журналистику
        мы работаем благодаря вашей поддержке | wesprzyj naszą redakcję
        wesprzyj niezależne dziennikarstwo | destek ol | bize destek olun | підтримати нас
        підтримайте нас | støt os | støtt oss | stöd oss | stöd vår journalistik
    """,
    "comments": """
        leave a comment | post a comment | add a comment | write a comment | join the conversation
        view comments | show comments | view all comments | leave a reply | be the first to comment
        loading comments | diskutieren sie mit | vous souhaitez réagir
        comments are closed | log in to comment | sign in to comment | cancel reply | kommentar schreiben
        kommentar verfassen | laisser un commentaire | deja un comentario | dejar un comentario
        deixe um comentário | lascia un commento | оставить комментарий | dodaj komentarz
        join our commenting forum | read the comments | read comments | see comments | see all comments
        view comment | load more comments | load comments | load more replies | show replies | hide replies
        view replies | view more comments | post comment | submit comment | leave your comment
        leave a comment below | add your comment | share your thoughts in the comments | let us know in the comments
         sort comments by | comments are moderated | comments are now closed
        comments have been closed | comments are closed for this article | comments are closed on this article
        commenting on this article has ended | you must be logged in to post a comment
        you must be logged in to comment | please log in to comment | register to comment
        log in to leave a comment | sign in to join the conversation | there are no comments yet | no comments yet
         be the first to leave a comment | start the conversation | recent comments
        please be respectful and follow our community guidelines
        comments policy | commenting rules | kommentare lesen | kommentare anzeigen
        alle kommentare anzeigen | kommentar hinterlassen | schreiben sie einen kommentar
        schreibe einen kommentar | diskutieren sie mit uns | noch keine kommentare
        bitte melden sie sich an, um zu kommentieren | réagir | réagir à cet article | voir les commentaires
        lire les commentaires | vos réactions | vos réactions sur cet article | ajouter un commentaire
        publier un commentaire | soyez le premier à commenter | commenter | les commentaires sont fermés
        ver comentarios | ver los comentarios | escribe un comentario | publicar comentario
        sé el primero en comentar | ver comentários | comente | deixe seu comentário | escreva um comentário
        seja o primeiro a comentar | i commenti dei lettori | commenta | leggi i commenti | scrivi un commento
        inserisci un commento | geef een reactie | plaats een reactie | bekijk alle reacties
        laat een reactie achter | написать комментарий | добавить комментарий | читать комментарии
         комментариев нет | skomentuj | napisz komentarz | zobacz komentarze | yorum yaz | yorumlar
        yorum yap | yorumları göster | ilk yorumu sen yap | تعليقات | أضف تعليقا | أضف تعليقك | اترك تعليقا | 评论
        发表评论 | 我要评论 | 查看评论 | コメント | 댓글 | залишити коментар | коментарі | kommentera | kommenter
        você precisa estar logado para comentar | os comentários não representam a opinião do jornal
        be the first to know
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
        post navigation | modal title | is this article helpful | did you find this article helpful
        spotted a mistake | spotted an error | see an error in this article | report an issue with this article
        report a problem | report an error or omission | flag this article | thank you for your feedback
        thanks for your feedback | give feedback | send feedback | provide feedback | sort by newest
        open search bar | open search | close search | open side navigation menu | open navigation
        close navigation | show navigation | toggle search | search this site | search the site | expand/collapse
        show key events only | (opens in new window) | opens in new window | opens in a new tab | opens in new tab
        this link opens in a new window | reuse this content (opens in new window) | open image in gallery
        view image in fullscreen | view image in full screen | view gallery | open gallery | view all photos
        view full image | click to enlarge | enlarge image | click to expand | tap to enlarge | bild vergrössern
        bild vergrössern/verkleinern | hai trovato un errore | segnala un errore | fehler melden | fehler gefunden
        haben sie einen fehler gefunden | signaler une erreur | signaler une faute | reportar un error
        ¿has encontrado un error | comunicar erro | encontrou um erro | fout gezien | 【纠错】 | 纠错
        сообщить об ошибке
        you are using an outdated browser | your browser is out of date | please upgrade your browser
        enlarge this image | entries feed | comments feed | wordpress.org | all most read most recent | tipsa oss
        rapportera fel | hittat fel i artikeln
    """,
    "copyright": """
        our standards: the thomson reuters trust principles | the thomson reuters trust principles
        republish this article | republish this story | republish our articles for free, online or in print
        reprints and permissions | request permissions | order reprints
        acquire licensing rights | purchase licensing rights | buy reprints | license this article
        license this content | syndication | republish our articles for free | republish this content
        republishing guidelines | creative commons license | creative commons licence | réutiliser ce contenu
        alle rechten voorbehouden | alla rättigheter förbehållna | tüm hakları saklıdır | her hakkı saklıdır
        جميع الحقوق محفوظة | 版权所有 | 版權所有 | 版权声明 | 未经授权不得转载 | 无断転載禁止 | 無断転載を禁じます
        усі права захищено
        kaikki oikeudet pidätetään | riproduzione vietata | prohibida su reproducción total o parcial
        prohibida la reproducción total o parcial | reproduction interdite | é proibida a reprodução
        reprodução proibida | все права сохранены
    """,
    "navigation": """
        back to top | back to the top | return to top | go to top | scroll to top | nach oben | zum seitenanfang
        haut de page | retour en haut | retour en haut de page | volver arriba | voltar ao topo | torna su
        наверх | do góry | wróć na górę
        zur startseite | terug naar boven | terug naar het begin | başa dön | yukarı çık | العودة إلى الأعلى
        返回顶部
        回到顶部 | ページトップへ | наверх страницы | takaisin ylös | do not sell my personal information
        do not sell or share my personal information | do not sell my info | your ad choices | ad choices
        adchoices | california privacy rights | your california privacy rights | your us state privacy rights
        site index | site information navigation | end of article | end of list | end of content
        proudly powered by wordpress | powered by wordpress | toggle sidebar | footer navigation | footer menu
        main navigation | primary navigation | secondary navigation | all blocks | skip navigation links
    """,
    "photo-credit": """
        image caption | media caption | video caption | toggle caption | hide caption | getty images | ap photo
        file photo | shutterstock | courtesy photo | getty
        reuters photo | afp photo | afp via getty images | stock photo | stock image | representative image
        representational image | illustrative image | photo illustration | hide captions | show caption
        show captions | view caption | close caption
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
        obituaries | classifieds | puzzles | crossword | crosswords | horoscopes | comics | e-edition | real estate
        public notices | legal notices | fashion | education | environment
        climate | crime | community | society | columns | columnists | editorials | editorial | letters
        letters to the editor | investigations | explainers | explained | fact check | interactive
        multimedia | galleries | gallery | u.s | uk | usa | europe | asia | africa | americas | middle east
        asia pacific | australia | canada | india | china | us news | uk news | markets | companies | finance
        personal finance | investing | property | cars | motoring | autos | football | cricket | tennis | rugby
        golf | formula 1 | nfl | nba | mlb | nhl | soccer | tv & radio | books | music | film | movies | theatre
        art & design | games | gaming | celebrity | royals | showbiz | women | men | sounds | iplayer
        notifications | saved | my news | my feed | for you | home page | home delivery | gift subscriptions
        manage subscription | subscriber services | customer service | help center | help centre | help & support
        feedback | our team | our journalists | our history | masthead | staff | ethics | ethics policy
        editorial standards | editorial policy | editorial guidelines | code of conduct | code of ethics
        corrections policy | privacy notice | cookie notice | legal | legal notice | disclaimer | modern slavery act
        media kit | press | press room | press releases | partners | sponsors | affiliates
        syndication and reprints | licensing | internships | work with us | work for us | submit a tip
        send us a tip | news tips | contact our newsroom | contact the newsroom | topics a-z | all topics a-z | a-z
        edition | us edition | uk edition | international edition | editions | language | print edition
        today's paper | digital edition | digital replica | shop | store | coupons
         dating | live now | on demand | tv guide | tv schedule | closings | traffic
        school closings | lottery | newscasts | livestream | visual stories | web stories | stories | shorts | reels
        editor's choice | special reports | special report | in depth | in-depth | open app | download the app
        get the app | mobile apps | apps | app | english | español | français | deutsch | português | العربية | 中文
        русский | türkçe | key events | live updates | my view | sustainability | obits | public record | abo
        abonnement | abos | podcasts & audio | schlagzeilen | regionales | lokales | deutschland | feuilleton
        gesellschaft | wissen | wissenschaft | gesundheit | reise | meinung | netzwelt | digital | ratgeber
        stellenmarkt | immobilien | traueranzeigen | anzeigen | kleinanzeigen | mediadaten | nutzungsbedingungen
        nutzungsbasierte online-werbung | barrierefreiheit | kontakt | hilfe | über uns | karriere | newsticker
        privatsphäre | cookie-richtlinie | datenschutzerklärung | leserbriefe | rätsel | spiele | shop & services
        abo kündigen | verträge hier kündigen | actualité | à la une | en direct | direct | france | société
        planète | faits divers | sciences | santé | idées | débats | opinions & débats | vidéos | jeux | annonces
        consulter le journal | nos newsletters | qui sommes-nous | nous contacter | contactez-nous | cgu | cgv
        conditions générales | politique de confidentialité | gestion des cookies | charte | services | plan du site
        aide | emploi | immobilier | édition du jour | contribuer | actualidad | noticias | españa | internacional
        nacional | nacionales | internacionales | opinión | sociedad | sucesos | ciencia | salud | tecnología
        educación | gente | televisión | vídeos | fotos | loterías | servicios | contacto | contáctanos
        quiénes somos | condiciones de uso | política de privacidad | política de cookies | aviso de privacidad
        publicidad y tarifas | hemeroteca | última hora | lo último | en vivo | notícias | últimas | brasil
        portugal | mundo e brasil | polícia | política e economia | saúde | educação | ciência | tecnologia
        cultura e lazer | esporte | opinião | fale conosco | quem somos | expediente | anuncie | anuncie conosco
        termos de uso | política de privacidade | princípios editoriais | ao vivo | loterias | cadastre-se
        fazer login | attualità | mondo | interni | politica interna | economia e finanza | sport e tempo libero
        spettacoli | scienza | salute | tecnologia e scienza | motori | viaggi | meteo | oroscopo | contatti
        chi siamo | pubblicità e contatti | note legali | redazione | privacy e cookie | condizioni d'uso
        edizioni locali | ultime notizie in diretta | voorpagina | binnenland | buitenland | economie | cultuur
        wetenschap | opinie | weer | verkeer | net binnen | laatste nieuws | algemene voorwaarden
        privacyverklaring | cookiebeleid | over ons | adverteren | klantenservice | abonneren | nieuws | regio
        achtergrond | anasayfa | ana sayfa | gündem | son dakika | ekonomi | dünya | siyaset | spor | magazin
        yaşam | sağlık | teknoloji | eğitim | kültür-sanat | kültür sanat | yazarlar | foto galeri | video galeri
        künye | iletişim | gizlilik politikası | çerez politikası | kullanım koşulları | hakkımızda | reklam ver
        الرئيسية | أخبار | الأخبار | رياضة | اقتصاد | سياسة | ثقافة | تكنولوجيا | علوم | صحة | منوعات | فيديو | صور
        مقالات | رأي | آراء | عاجل | مباشر | اتصل بنا | من نحن | سياسة الخصوصية | شروط الاستخدام | العالم | عربي
        محليات | بحث | 首页 | 新闻 | 财经 | 体育 | 娱乐 | 科技 | 国际 | 国内 | 社会 | 军事 | 视频 | 图片 | 健康 | 教育
        汽车 | 房产 | 文化 | 评论员 | 要闻
        滚动 | 时政 | 港澳 | 台湾 | 联系我们 | 关于我们 | 网站地图 | 法律声明 | 隐私政策 | 搜索 | 首頁 | 新聞 | 財經
        體育 | 娛樂 | 國際 | ホーム | ニュース
        スポーツ | 経済 | 政治 | 国際情勢 | 社会面 | 홈 | 뉴스 | 스포츠 | 경제 | 정치 | 사회 | происшествия | культура
        наука | технологии
        бизнес | россия | москва | регионы | авто | недвижимость | здоровье | видео | фото | интервью | мнения
        колонки | спецпроекты | контакты | о нас | о проекте | реклама на сайте | редакция | вакансии | архив
        пользовательское соглашение | политика конфиденциальности | головна | новини | політика | економіка
        суспільство | світ | культура і мистецтво | спорт і здоров'я | polska | kraj | gospodarka | biznes | nauka
        kultura | zdrowie | rozrywka | pogoda | regulamin | polityka prywatności | o nas | reklama i kontakt
        redakcja | najnowsze wiadomości | nyheter | nyheder | indland | udland | kultur & nöje | ekonomi & politik
        vejr | väder | debatt | domů | zprávy | domácí | zahraničí | ekonomika | kultura a film
        what's on | in your area | meta | settings | topics you follow | embed | download | get involved | connect
        go deeper | cotidiano | inrikes | utrikes | kontakta oss | om oss | om cookies | lediga jobb | kundservice
        annonsera | today's e-paper | ipaper | business line | entertainment news | sports news | city news
        latest from us | poder | mercado | colunas | ilustrada
        why you can trust us | condiciones de contratación | fehlerhinweis
    """,
    "sign-in": """
        log in | login | sign in | sign up | register | subscribe | subscribe now | subscribe today | my account
        create account | create an account | create free account | start free trial | log out | anmelden
        abonnieren | se connecter | s'abonner | iniciar sesión | suscríbete | suscribirse | entrar | assine
        accedi | abbonati | войти | подписаться | zaloguj się | zaloguj
        inloggen | aanmelden | registrieren | einloggen | logga in | log ind | logg inn | giriş yap | üye ol
        kayıt ol | تسجيل الدخول | تسجيل | اشترك | 登录 | 注册 | 登入 | 註冊 | ログイン | 로그인 | войти на сайт
        регистрация
        вход | увійти | prenumerera | abonnez-vous | je m'abonne | créer un compte | mon compte | connexion
        s'inscrire | inscrivez-vous | regístrate | registrarse | mi cuenta | acceder | suscribirme
        cadastre-se grátis | minha conta | assine já | assinar | registrati | il mio account | il tuo account
        mein konto
        mein profil | become a subscriber | subscribe for free | subscribe free | subscribe to | subscribe here
        subscribe now for full access | sign up now | sign up today | sign up free | sign up for free | join
        join now | get started | get digital access | activate digital access | activate your account | free trial
        try for free | try it free | buy now | subscription | subscriptions | subscriber login | my profile
        profile | account | manage account | manage my account | sign out | forgot password | forgot your password
        remember me | password | username | continue with google | continue with facebook | continue with apple
        sign in with google
        logga ut | bli medlem | my settings | gift a subscription | saved items
    """,
    "share-bar": """
        transcript | toggle more options | zur merkliste hinzufügen | reuse this content
        share | email | e-mail | print | save | bookmark | follow us | share via | share on
        like | pin it | teilen | drucken | partager | imprimer | compartir | imprimir | compartilhar | partilhar
        condividi | stampa | поделиться | распечатать | udostępnij | drukuj
        merken | feedback geben | artikel speichern | speichern | vorlesen lassen | verschicken | mailen | copy
        copied | save story | saved articles | shares | views | likes | repost | send | sms | viber
        wechat | weibo | vk | ok | xing | tumblr | substack | nextdoor | snapchat | signal | follow | following
        follow me | follow author | follow topic | follow topics | listen | comment now | discuss | enregistrer
        envoyer | guardar | enviar | salvar | enviar por whatsapp | salva | invia | bewaren | delen | printen
        opslaan | tulosta | jaa | dela | skriv ut | yazdır | kaydet | حفظ | طباعة | واتساب | فيسبوك | تويتر
        تلغرام | 微信 | 微博 | 字号 | qq空间 | qq好友 | 收藏 | 打印 | 扫一扫 | 打开微信 | 点赞 | 推荐给朋友
        одноклассники | сохранить
        отправить | друк | x.com | google news | google | rss feed | news feed | aa | text size small
        text size large
        spara | tipsa | read & listen
    """,
    "network": """
        facebook | twitter | x | linkedin | whatsapp | telegram | instagram | reddit | pinterest | youtube
        threads | bluesky | tiktok | flipboard | messenger | вконтакте | mastodon | x (twitter) | twitter/x
    """,
    "cookie-notice": """
        accept all | accept | reject all | cookie settings | cookie preferences | manage preferences
        manage options | i agree | got it | privacy settings | alle akzeptieren | aceptar todo | accetta tutto
        agree | disagree | i accept | decline | deny | more options | allow all | allow all cookies
        reject non-essential | marketing | confirm my choices
        save preferences | save and close | privacy center | ablehnen | zustimmen | einstellungen | alle ablehnen
        akzeptieren | accepter | refuser | tout refuser | paramétrer | aceptar | rechazar | rechazar todo | aceitar
        rejeitar | accetta | rifiuta | akkoord | weigeren | kabul et | reddet | принять | согласен | aceitar todos
        accepteren | godkänn
    """,
    "advertisement": """
        advertising | ad | ads | sponsored | sponsored content | promoted | promoted content | paid content | anuncio
        sponsored ads | sponsored links | ads by google
        patrocinado | sponsorisé | sponsorizzato | gesponsert | partner content | brand content | branded content
        from our partners | from our sponsors | paid post | paid partner content | promoted stories | promoted links
        you may like by taboola | by taboola | by outbrain | powered by taboola | powered by outbrain
        recommended by outbrain | recommended by taboola | around the web | from around the web | more from the web
        supported by | presented by | partnerinhalt
    """,
    "appeal": """
        ways to give | ways to donate | become a donor | mitglied werden | word lid | пожертвовать | bağış yap
        wspieram
        will you join us | donar ahora | quiero donar | faça uma doação | fai una donazione
        donate | support us | contribute | become a member | make a donation | spenden | donar | doar | dona
        support | thank you for your support
        support the paper | support the site | apoyar | apóyanos hoy | soutenir | nous soutenir
        faire un don en ligne | sostieni | steun | doneer | unterstützen | поддержать | wesprzyj
        thank you for reading
    """,
    "comments": """
        reply | comments | comment | kommentare | commentaires | comentarios | comentários | commenti | комментарии
        komentarze
        newest | oldest | most liked | newest first | oldest first | top comments | all comments | sort by
        replies | report abuse
        commenti dei lettori | reactie | yorum | commentaire | comentar la noticia
        what do you think | have your say | ihre meinung | community guidelines | no comments | comentar
        kommentieren | reageer | reacties | комментировать | обсудить | comment policy
    """,
    "newsletter": "email address | your email address | premium content",
    "player": """
        video duration | watch video | watch the video | playlist | full screen | fullscreen
        watch more | video player | audio player | loading | loading weather data
    """,
    "date": """
        published at | updated at | date | publication date | first posted | this article is more than a year old
        veröffentlicht | aktualisiert | publié | mis à jour | publicado | actualizado | atualizado | pubblicato
        aggiornato | опубликовано | обновлено | published | updated | just now | last updated | first published
    """,
})  # fmt: skip
