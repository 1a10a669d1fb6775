"""Names of months and weekdays in some seventy languages, as data.

From CLDR 47 (through Babel 2.19): wide and abbreviated names, as they stand in dates and alone, folded (NFKC, case,
no full stop), Latin and Greek ones also without accents. `_` joins the words of one name. No name here stands for two
months: Croatian ones that other languages have for another month are in `CONTESTED_MONTHS`.
"""

from collections.abc import Mapping
from typing import Final

__all__ = ["CONTESTED_MONTHS", "MONTHS", "WEEKDAY_WORDS"]

_MONTH_NAMES: Final = (
    """
    ean eanair eanáir ene enero gen gener gennaio ian ianuarie ion ionawr jaan jaanuar jan janaayo
    janar janeiro jannaayo jannar janner januar januara januari januarie january január januára janv
    janvaris janvier janvāris janúar jän jänner led leden ledna oca ocak saus sausio sausis schan
    schaner sij sijecanj sijecnja siječanj siječnja sty styczen styczeń stycznia tammi tammikuu
    tammikuuta urt urtarrila urtarrilak urtarrilaren xan xaneiro yan yanvar ιαν ιανουάριοσ
    ιανουαρίου ιανουαριοσ ιανουαριου сту студзень студзеня січ січень січня янв январь января яну
    януари јан јануар јануари қаң қаңтар հնվ հունվար հունվարի בינואר בינו׳ ינואר ינו׳ جانفي جنوري
    جنوری كانون_الثاني يناير ژانویه जनवरी जन॰ जाने जानेवारी জানু জানুয়ারি ਜਨ ਜਨਵਰੀ જાન્યુ જાન્યુઆરી
    ஜன ஜனவரி జన జనవరి ಜನ ಜನವರಿ ജനു ജനുവരി දුරුතු มกราคม มค ມກ ມັງກອນ ဇန် ဇန်နဝါရီ იან იანვარი ጃን
    ጃንዋሪ មករា
    """,
    """
    chw chwef chwefror favr favrer feabh feabhra feb febbraio febr febraayo febreiro febrer febrero
    februar februara februari februarie februaris february február februára februāris febrúar fev
    fevereiro fevr fevral fevrier fra frar févr février helmi helmikuu helmikuuta lut lutego luty
    ots otsaila otsailak otsailaren peb pebrero shk shkurt sub subat uno unor unora vas vasario
    vasaris veebr veebruar velj veljaca veljace veljača veljače úno únor února şub şubat φεβ
    φεβρουάριοσ φεβρουαρίου φεβρουαριοσ φεβρουαριου ақп ақпан лют лютага лютий лютого люты феб
    фебруар фев февр февраль февраля февруари փետրվար փետրվարի փտվ בפברואר בפבר׳ פברואר פבר׳ شباط
    فبراير فبروري فروری فوریه فيفري فېبروري फ़रवरी फ़र॰ फेब्रु फेब्रुअरी फेब्रुवारी ফেব ফেব্রুয়ারি
    ਫ਼ਰ ਫ਼ਰਵਰੀ ફેબ્રુ ફેબ્રુઆરી பிப் பிப்ரவரி ఫిబ్ర ఫిబ్రవరి ಫೆಬ್ರ ಫೆಬ್ರವರಿ ഫെബ്രു ഫെബ്രുവരി නවම් กพ
    กุมภาพันธ์ ກພ ກຸມພາ ဖေ ဖေဖော်ဝါရီ თებ თებერვალი ፌብ ፌብሩዋሪ កុម្ភៈ
    """,
    """
    bre brezen brezna bře březen března kov kovas kovo maalis maaliskuu maaliskuuta maarso maart mac
    machi mae maerz mar marc marca march marcius marco marec maret mars marso mart marta martie
    marts martxoa martxoak martxoaren marz marzec marzo marzu març março maw mawrth mrt márc március
    márta mäe mäerz mär märts märz ozu ozujak ozujka ožu ožujak ožujka μάρ μάρτιοσ μαρ μαρτίου
    μαρτιοσ μαρτιου бер березень березня мар март марта нау наурыз сак сакавік сакавіка մարտ մարտի
    մրտ במרץ מרץ آذار مارس مارچ मार्च মার্চ ਮਾਰਚ માર્ચ மார் மார்ச் మార్చి ಮಾರ್ಚ್ മാർ മാർച്ച് මැදින්
    มีค มีนาคม ມນ ມີນາ မတ် მარ მარტი ማርች មីនា
    """,
    """
    abr abrell abriil abril abrëll aib aibrean aibreán api apirila apirilak apirilaren apr aprel
    april aprila aprile aprili aprilie aprilis aprill apríl apríla aprīlis avr avrigl avril bal
    balandis balandzio balandžio dub duben dubna ebr ebrill huhti huhtikuu huhtikuuta kwi kwiecien
    kwiecień kwietnia nis nisan pri prill tra travanj travnja ápr április απρ απρίλιοσ απριλίου
    απριλιοσ απριλιου апр апрель апреля април квіт квітень квітня кра красавік красавіка сәу сәуір
    ապր ապրիլ ապրիլի אפריל אפר׳ באפריל באפר׳ آوریل أبريل أفريل اپریل نيسان अप्रिल अप्रैल एप्रि
    एप्रिल এপ্রি এপ্রিল ਅਪ੍ਰੈ ਅਪ੍ਰੈਲ એપ્રિલ ஏப் ஏப்ரல் ఏప్రి ఏప్రిల్ ಏಪ್ರಿ ಏಪ್ರಿಲ್ ഏപ്രി ഏപ്രിൽ බක්
    เมย เมษายน ມສ ເມສາ ဧ ဧပြီ აპრ აპრილი ኤፕሪ ኤፕሪል មេសា
    """,
    """
    beal bealtaine geg geguze geguzes gegužė gegužės kve kveten kvetna kvě květen května maayo mag
    maggio mai maiatza maiatzak maiatzaren maig maijs maio maj maja majus matg may mayis mayo mayıs
    maí mee mei mej mejju máj mája május svi svibanj svibnja touko toukokuu toukokuuta μάι μάιοσ μαι
    μαΐ μαΐου μαιοσ μαιου май мам мамыр мая мај трав травень травня մայիս մայիսի մյս במאי מאי
    أيار مئی ماي مايو مه مۍ मई मे মে ਮਈ મે மே మే ಮೇ മേയ് වෙසක් พค พฤษภาคม ພພ ພຶດສະພາ မေ მაი მაისი ሜይ
    ឧសភា
    """,
    """
    birz birzelio birzelis birž birželio birželis cerven cervna cvn cze czerwca czerwiec eka ekaina
    ekainak ekainaren giu giugno gun gunju haz haziran hun hunyo iun iunie iyn iyun juin jun juna
    june junho juni junie junij junijs junio junius juny juun juuni jún júna június júní jūn jūnijs
    kesa kesakuu kesakuuta kesä kesäkuu kesäkuuta lipanj lipnja meh mehefin meith meitheamh qer
    qershor xuno xuño zercl zercladur červen června čvn ġun ġunju ιουν ιουνίου ιουνιοσ ιουνιου ιούν
    ιούνιοσ июн июнь июня мау маусым черв червень червня чэр чэрвень чэрвеня юни јун јуни հնս հունիս
    հունիսի ביוני יוני جوان جون حزيران يونيو ژوئن जुन जून জুন ਜੂਨ જૂન ஜூன் జూన్ ಜೂನ್ ജൂൺ පොසොන්
    มิถุนายน มิย ມິຖ ມິຖຸນາ ဇွန် ივნ ივნისი ጁን មិថុនា
    """,
    """
    cervence cervenec cvc fan fanadur gor gorff gorffennaf heina heinakuu heinakuuta heinä heinäkuu
    heinäkuuta hul hulyo iuil iul iulie iyl iyul iúil juil juill juillet jul jula julai julho juli
    julie julij julijs julio juliol julius july juuli júl júla július júlí jūl jūlijs korr korrik
    liep liepa liepos lipca lipiec lug luglio lul lulju luulyo srpanj srpnja tem temmuz uzt uztaila
    uztailak uztailaren xul xullo července červenec čvc ιουλ ιουλίου ιουλιοσ ιουλιου ιούλ ιούλιοσ
    июл июль июля лип липень липня ліп ліпень ліпеня шіл шілде юли јул јули հլս հուլիս հուլիսի ביולי
    יולי تموز جولائی جولای جويلية يوليو يوليوز ژوئیه जुलाई जुलै जुल॰ জুল জুলাই ਜੁਲਾ ਜੁਲਾਈ જુલાઈ ஜூலை
    జులై ಜುಲೈ ജൂലൈ ඇසළ กค กรกฎาคม ກລ ກໍລະກົດ ဇူ ဇူလိုင် ივლ ივლისი ጁላይ កក្កដា
    """,
    """
    abu abuztua abuztuak abuztuaren ag ago agost agosti agosto agu agust agustos agustus aout août
    aug august augusta augusti augusts augustus augusztus avg avgust avq avqust avust awst aww
    awwissu ağu ağustos elo elokuu elokuuta gush gusht kol kolovoz kolovoza lun lunasa lún lúnasa
    ogo ogos ogosto ogs rugp rugpjucio rugpjutis rugpjūtis rugpjūčio sie sierpien sierpień sierpnia
    srpen srpna ágú ágúst αυγ αυγουστοσ αυγουστου αυγούστου αύγ αύγουστοσ авг август августа жні
    жнівень жніўня серп серпень серпня там тамыз օգոստոս օգոստոսի օգս אוגוסט אוג׳ באוגוסט באוג׳ آب
    أغسطس أوت اوت اګست اگست غشت अगस्ट अगस्त अग॰ ऑग ऑगस्ट আগ আগস্ট ਅਗ ਅਗਸਤ ઑગસ્ટ ஆக ஆகஸ்ட் ఆగ ఆగస్టు
    ಆಗ ಆಗಸ್ಟ್ ഓഗ ഓഗസ്റ്റ് නිකිණි สค สิงหาคม ສຫ ສິງຫາ ဩ ဩဂုတ် აგვ აგვისტო ኦገስ ኦገስት សីហា
    """,
    """
    eyl eylul eylül ira iraila irailak irailaren mean_fomhair medi meán_fómhair mfomh mfómh rugs
    rugsejis rugsejo rugsėjis rugsėjo ruj rujan rujna seb sebteembar sebtembar sen sentabr sentyabr
    sep sept septemba septembar september septembra septembre septembrie septembris septiembre set
    setembre setembro sett settember settembre settembru setyembre sht shtator syys syyskuu
    syyskuuta szept szeptember wrz wrzesien wrzesień wrzesnia września zar zari zář září σεπ
    σεπτέμβριοσ σεπτεμβρίου σεπτεμβριοσ σεπτεμβριου вер верасень верасня вересень вересня сен сент
    сентябрь сентября сеп септембар септември қыр қыркүйек սեպ սեպտեմբեր սեպտեմբերի בספטמבר בספט׳
    ספטמבר ספט׳ أيلول سبتمبر ستمبر سپتامبر سپتمبر سېپتمبر شتنبر सप्टें सप्टेंबर सितंबर सित॰
    सेप्टेम्बर সেপ সেপ্ট সেপ্টেম্বর ਸਤੰ ਸਤੰਬਰ સપ્ટે સપ્ટેમ્બર செப் செப்டம்பர் సెప్టెం సెప్టెంబర్
    ಸೆಪ್ಟೆಂ ಸೆಪ್ಟೆಂಬರ್ സെപ്റ്റം സെപ്റ്റംബർ බිනර กย กันยายน ກຍ ກັນຍາ စက် စက်တင်ဘာ სექ სექტემბერი ሴፕቴ
    ሴፕቴምበር កញ្ញា
    """,
    """
    deireadh_fomhair deireadh_fómhair dfomh dfómh eki ekim hyd hydref loka lokakuu lokakuuta oct
    october octobre octombrie octubre okt oktabr oktoba oktobar oktober oktobra oktobris oktoobar
    oktoober oktubre oktyabr október októbra ott ottobre ottubru out outubro paz pazdziernik
    pazdziernika paź październik października rij rijen rijna spal spalio spalis tet tetor urr urria
    urriak urriaren říj říjen října οκτ οκτωβρίου οκτωβριοσ οκτωβριου οκτώβριοσ жовт жовтень жовтня
    кас кастрычнік кастрычніка окт октобар октомври октябрь октября қаз қазан հոկ հոկտեմբեր
    հոկտեմբերի אוקטובר אוק׳ באוקטובר באוק׳ أكتوبر اکتبر اکتوبر تشرين_الأول अक्टूबर अक्टू॰ अक्टोबर
    ऑक्टो ऑक्टोबर অক্টো অক্টোবর ਅਕਤੂ ਅਕਤੂਬਰ ઑક્ટો ઑક્ટોબર அக் அக்டோபர் అక్టో అక్టోబర్ ಅಕ್ಟೋ ಅಕ್ಟೋಬರ್
    ഒക്ടോ ഒക്ടോബർ වප් ตค ตุลาคม ຕລ ຕຸລາ အောက် အောက်တိုဘာ ოქტ ოქტომბერი ኦክቶ ኦክቶበር តុលា
    """,
    """
    aza azaroa azaroak azaroaren kas kasim kasım lapkr lapkricio lapkritis lapkričio listopadu
    marras marraskuu marraskuuta nen nentor nob nobyembre nof noiembrie noofeembar nov novemba
    novembar november novembra novembre novembris novembro novembru noviembre noy noyabr nën nëntor
    nóv nóvember samh samhain stu studeni studenoga tach tachwedd νοέ νοέμβριοσ νοε νοεμβρίου
    νοεμβριοσ νοεμβριου лист листопад листопада ліс лістапад лістапада нов новембар ное ноември ноя
    нояб ноябрь ноября қар қараша նոյ նոյեմբեր նոյեմբերի בנובמבר בנוב׳ נובמבר נוב׳ تشرين_الثاني
    نوامبر نوفمبر نومبر نونبر नवंबर नव॰ नोभेम्बर नोव्हें नोव्हेंबर নভে নভেম্বর ਨਵੰ ਨਵੰਬਰ નવે નવેમ્બર
    நவ நவம்பர் నవం నవంబర్ ನವೆಂ ನವೆಂಬರ್ നവം നവംബർ ඉල් พย พฤศจิกายน ພຈ ພະຈິກ နို နိုဝင်ဘာ ნოე ნოემბერი
    ኖቬም ኖቬምበር វិច្ឆិកា
    """,
    """
    abe abendua abenduak abenduaren ara aralik aralık dec decembar december decembra decembre
    decembrie decembris decembro dek dekabr des desemba desember desembre dets detsember dez
    dezember dezembro dhj dhjetor dic dicembre dicembru diciembre dis diseembar disember disyembre
    diċ diċembru déc décembre gru grudnia grudzien grudzień gruod gruodis gruodzio gruodžio joulu
    joulukuu joulukuuta noll nollaig pro prosinac prosinca prosince prosinec rhag rhagfyr δεκ
    δεκέμβριοσ δεκεμβρίου δεκεμβριοσ δεκεμβριου груд грудень грудня дек декабрь декабря декември дец
    децембар жел желтоқсан сне снежань снежня դեկ դեկտեմբեր դեկտեմբերի בדצמבר בדצמ׳ דצמבר דצמ׳ دجنبر
    دسامبر دسمبر ديسمبر كانون_الأول डिसें डिसेंबर डिसेम्बर दिसंबर दिस॰ ডিসে ডিসেম্বর ਦਸੰ ਦਸੰਬਰ ડિસે
    ડિસેમ્બર டிச டிசம்பர் డిసెం డిసెంబర్ ಡಿಸೆಂ ಡಿಸೆಂಬರ್ ഡിസം ഡിസംബർ උඳුවප් ธค ธันวาคม ທວ ທັນວາ ဒီ
    ဒီဇင်ဘာ დეკ დეკემბერი ዲሴም ዲሴምበር ធ្នូ
    """,
)
MONTHS: Final[Mapping[str, int]] = {
    name.replace("_", " "): number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()
}
"""The number of a month by its folded name."""

# By name: the month in Croatian, and in all other languages (Czech, Polish, Slovak).
CONTESTED_MONTHS: Final[Mapping[str, tuple[int, int]]] = {
    "listopada": (10, 11), "listopad": (10, 11), "lis": (10, 11), "lip": (6, 7), "srp": (7, 8),
}  # fmt: skip
"""The names that stand for two months: the number in Croatian, and the one elsewhere."""

WEEKDAY_WORDS: Final[frozenset[str]] = frozenset(
    str.split("""
    ahad ahd al alhamisi an antradienis aoine ar arbaco arbc asteartea asteazkena astelehena axad
    axd axsami axşamı az ba bay bazar be biy biyernes bảy ca car carsamba cead ceadaoin cet cetrtek
    ceturtd ceturtdiena cetvrtak chor chorshanba chu chủ cmt cn cs csutortok csütörtök ct ctvrtek
    cum cuma cumartesi cumə czw czwartek céad céadaoin cümə cərsənbə dc de dear deardaoin den
    denschdeg dg di die diel dienstag dijous dilluns dim dimanche dimarts dimecres dinsdag dissabte
    diumenge divendres dj dl do dom domenica domh domhnaigh domingo don donderdag donnerstag
    donneschdeg ds dt du dum dumengia duminica duminică dush dushanba dv dydd dé déar déardaoin dën
    dënschdeg enj enjte erb erbgħa ertəsi esmaspaev esmaspäev feira fim fimmtudagur fos fostudagur
    fr fre fredag freideg freitag fri friday friggjadagur frí fríggjadagur fös föstudagur gie
    gievgia gim gimgħa gio giovedi giovedì gli glindesdi gwe gwen gwener hai haoine hen hene hetfo
    hos hosdagur huw huwebes hétfő hën hënë hós hósdagur iau ig igandea ijumaa il is isn isniin
    isnin it jeu jeudi jimco jmc joi jue jueves jum juma jumaat jumamosi jumanne jumapili jumat
    jumatano jumatatu kam kamis ke kedd keskiviikko keskiviikkona ketvirtadienis kha khamiis khamis
    khms kolmapaev kolmapäev kt la larunbata lau lauantai lauantaina laugardagur laupaev laupäev
    laurdag ley leygardagur lin linggo llun lor lordag lr luain luan lun lundi lunedi lunedì lunes
    luni luns lör lördag lør lørdag ma maanantai maanantaina maandag mairt man manadagur mandag
    manudagur mar mardi marte martedi martedì martes marti martë marți maw mawrth me mei meindeg mer
    mercher mercoledi mercoledì mercores mercredi merkure mesemna met mettwoch mi mie miercoles
    miercuri mik mikudagur min minggu mittwoch miy miyerkules mié miércoles mið miðvikudagur mo mon
    monday montag máirt mán mánadagur mánudagur må mån måndag méi méindeg mér mércores mër mërkurë
    mët mëttwoch nam ne ned nedela nedele nedelja nedeľa nedjelja neděle neljapaev neljapäev nhat
    nhật niedz niedziela năm og on ons onsdag or osteguna ostirala otrd otrdiena pa patek pay
    payshanba paz pazar pazartesi pe penktadienis pentek per perjantai perjantaina persembe perşembe
    pet petak petek pi piatek piatok piektd piektdiena pirmadienis pirmd pirmdiena piątek pn po pon
    pondeli pondelok pondělí ponedeljak ponedeljek ponedjeljak poniedzialek poniedziałek pr pre
    premte pt puhapaev pzt pá pátek péntek pühapäev qua quarta qui quinta rab rabu reede sa sab
    sabado sabato sabti sabtu sad sadwrn sal sali salı sam sambata samedi samschdeg samstag sat
    saterdag sath sathairn saturday sau sbti seg segunda sekmadienis sel selasa sen senin sesh
    seshanba sestadienis sestd sestdiena sex sexta shan shanba sht shtune shtunë sib sibt sk so sob
    sobota son sonda sondag sonndeg sonntag sr sre sreda sri srijeda sroda st streda stvrtok středa
    su sub subota sul sun sunday sunnudagur sunnuntai sunnuntaina svetd svetdiena svētd svētdiena
    sze szerda szo szombat sáb sábado sáu sâm sâmbătă sön söndag sø søn søndag sənbə talaado
    teisipaev teisipäev ter terca terça thu thursday thứ ti tiistai tiistaina tir tirs tirsdag tis
    tisdag tldo tli tlieta tne tnejn to tor torek tors torsdag torstai torstaina tr treciadienis
    tresd tresdiena trečiadienis trešd trešdiena tu tue tuesday ty tys tysdag tysdagur týs týsdagur
    tư ut utery uto utorak utorok vasarnap vasárnap ve ven venderdi vendredi venerdi venerdì venres
    vie viernes vin vineri vr vrijdag vrydag wed wednesday wo woensdag wt wtorek xov xoves yak
    yakshanba za zaterdag zo zondag ça çar çarşamba çərşənbə út úterý þri þriðjudagur čet četrtek
    četvrtak čt čtvrtek ġim ġimgħa ħad ħadd ħam ħamis śr środa şənbə šeštadienis št štvrtok δευ
    δευτέρα δευτερα κυρ κυριακή κυριακη πέμ πέμπτη παρ παρασκευή παρασκευη πεμ πεμπτη σάβ σάββατο
    σαβ σαββατο τετ τετάρτη τεταρτη τρί τρίτη τρι τριτη аў аўторак ба баасан бейсенбі бейш бейшемби
    бс бя бямба воскресенье вс вт вто вторник вівторок да даваа дс дүй дүйсенбі дүйшөмбү жек
    жексенбі жекшемби жм жс жума жұма ишемби ишм лх лхагва мя мягмар нд нед недела неделя недеља
    неділя ня нядзеля ням пʼятниця панядзелак пет петак петок петък пн пон понеделник понедельник
    понедељак понеділок пт пятница пятніца пү пүрэв саб сабота сб сейсенбі сенбі серада середа ср
    сре среда сряда сс суб суббота субота събота сәрсенбі уто уторак чацвер чет четвер четверг
    четвртак четврток четвъртък чт чц шарш шаршемби шейш шейшемби երեքշաբթի երկ երկուշաբթի երք կիր
    կիրակի հինգշաբթի հնգ շաբաթ շբթ ուր ուրբաթ չորեքշաբթի չրք חמישי יום ראשון רביעי שבת שישי שלישי
    שני اتوار الأحد الأربعاء الاثنين الثلاثاء الجمعة الخميس السبت اونۍ بدھ جمعرات جمعه جمعہ دوشنبه
    سه سهشنبه شنبه منگل پنج پنجشنبه پیر چهارشنبه ہفتہ یکشنبه आइत आइतबार गुरु गुरुवार बिहि बिहिबार
    बुध बुधबार बुधवार मंगल मंगलवार मंगळ मंगळवार मङ्गल मङ्गलबार रवि रविवार शनि शनिबार शनिवार शुक्र
    शुक्रबार शुक्रवार सोम सोमबार सोमवार বুধ বুধবার বৃহস্পতি বৃহস্পতিবার মঙ্গল মঙ্গলবার রবি রবিবার
    শনি শনিবার শুক্র শুক্রবার সোম সোমবার ਐਤ ਐਤਵਾਰ ਬੁੱਧ ਬੁੱਧਵਾਰ ਮੰਗਲ ਮੰਗਲਵਾਰ ਵੀਰ ਵੀਰਵਾਰ ਸ਼ਨੀ ਸ਼ਨੀਵਾਰ
    ਸ਼ੁੱਕਰ ਸ਼ੁੱਕਰਵਾਰ ਸੋਮ ਸੋਮਵਾਰ ગુરુ ગુરુવાર બુધ બુધવાર મંગળ મંગળવાર રવિ રવિવાર શનિ શનિવાર શુક્ર
    શુક્રવાર સોમ સોમવાર சனி செவ் செவ்வாய் ஞாயி ஞாயிறு திங் திங்கள் புத புதன் வியா வியாழன் வெள்
    வெள்ளி ఆది ఆదివారం గురు గురువారం బుధ బుధవారం మంగళ మంగళవారం శని శనివారం శుక్ర శుక్రవారం సోమ
    సోమవారం ಗುರು ಗುರುವಾರ ಬುಧ ಬುಧವಾರ ಭಾನು ಭಾನುವಾರ ಮಂಗಳ ಮಂಗಳವಾರ ಶನಿ ಶನಿವಾರ ಶುಕ್ರ ಶುಕ್ರವಾರ ಸೋಮ ಸೋಮವಾರ
    ചൊവ്വ ചൊവ്വാഴ്ച ഞായറാഴ്ച ഞായർ തിങ്കളാഴ്ച തിങ്കൾ ബുധനാഴ്ച ബുധൻ വെള്ളി വെള്ളിയാഴ്ച വ്യാഴം
    വ്യാഴാഴ്ച ശനി ശനിയാഴ്ച අඟහ අඟහරුවාදා ඉරිදා බදාදා බ්‍රහස් බ්‍රහස්පතින්දා සඳුදා සිකු සිකුරාදා සෙන
    සෙනසුරාදා จันทร์ พฤหัส พุธ วันจันทร์ วันพฤหัสบดี วันพุธ วันศุกร์ วันอังคาร วันอาทิตย์ วันเสาร์
    ศุกร์ อังคาร อาทิตย์ เสาร์ ຈັນ ພະຫັດ ພຸດ ວັນຈັນ ວັນພະຫັດ ວັນພຸດ ວັນສຸກ ວັນອັງຄານ ວັນອາທິດ
    ວັນເສົາ ສຸກ ອັງຄານ ອາທິດ ເສົາ ကြာသပတေး စနေ တနင်္ဂနွေ တနင်္လာ ဗုဒ္ဓဟူး သောကြာ အင်္ဂါ კვი კვირა
    ოთხ ოთხშაბათი ორშ ორშაბათი პარ პარასკევი სამ სამშაბათი შაბ შაბათი ხუთ ხუთშაბათი ሐሙስ ማክሰ ማክሰኞ ረቡዕ
    ሰኞ ቅዳሜ እሑድ ዓርብ ចន្ទ ច័ន្ទ ពុធ ព្រហ ព្រហស្បតិ៍ សុក្រ សៅរ៍ អង្គារ អាទិត្យ
    """)
)
"""The words that names of weekdays are made of, folded."""
