//! Small words and letters by which languages are told apart, as folding leaves them (lower case, no accents).
//!
//! Not here: how they are weighed (`language`). Kept true: every word folds to itself.

/// BCP 47 primary languages that share a script with another one; a mask has one bit for each, in this order.
pub(super) const LANGUAGES: [&str; 26] = [
    "bg", "cs", "da", "de", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv", "mt", "nl", "pl", "pt",
    "ro", "ru", "sk", "sl", "sv", "tr", "uk",
];

/// Words of each language.
pub(super) const WORDS: [(&str, &str); 26] = [
    (
        "bg",
        "и в на за от с се да не е са по при или като това до може наи които които има както чрез със във ще само много без още си но ни нов нова",
    ),
    (
        "cs",
        "a je se na v ve s se z ze k ke o pro pri jako ktery ktera ktere jsou byl byla bylo neni nebo jeho jeji jen take ale aby od po za pod nad velmi vsechny muze cena nove novy bez vas nas jiz pouze",
    ),
    (
        "da",
        "og i jeg det at en den til er som pa de med han af for ikke der var mig sig men et har om vi min havde ham hun nu over da fra du ud os eller hvad bliver kan alle meget uden ny nyt kun fri vores hvis ogsa stk kob aegte",
    ),
    (
        "de",
        "und der die das ist nicht ein eine einer einen mit fur von zu zum zur den dem des auf im in sich es an als auch bei nach aus aber oder wie nur noch sind wird werden durch ohne haben hat ich sie wir mein unser dein kein keine sehr neu neue uber bis vom wenn alle schon mehr gegen kaufen kann ab originalverpackt",
    ),
    (
        "en",
        "the of and to a in is for with on that it this are as be by from at or an was you your not have we our can will all new has but they which their if more no only any out get when how best free buy one its into very use my so what here just per off made i me do she he his her up about been who these please",
    ),
    (
        "es",
        "el la los las de que y en un una es por con para del al se lo como mas su sus pero este esta son sin sobre entre cuando muy nuevo nueva todo todos hasta desde envio gratis ser hay fue tiene nos nuestro nuestra tambien no si ya porque comprar otros solo cada",
    ),
    (
        "et",
        "ja on ei et ta see kui ka mis oma aga siis voi ning kes seda nii oli selle veel kuid valja ainult vaga koos ilma uus hea saab meie teie jaoks kuni poolt sest",
    ),
    (
        "fi",
        "ja on ei se han etta oli mutta ovat kun joka myos kuin niin tai sen vain hyvin ole mika jos nyt voi tama noin ilman uusi kanssa tassa meidan teidan sinun minun kaikki ovat olla sisaltaa kpl sopii",
    ),
    (
        "fr",
        "le la les de des du et un une est en que qui dans pour pas sur avec ce il elle au aux plus par ne se son sa ses nous vous je mais ou comme tres sans tout tous cette ces votre vos notre nos leur sont ete etre a d l n s c qu j neuf livraison chez jusqu entre fait bien",
    ),
    (
        "ga",
        "agus an na ar is i le do go ag ni se si bhi ta sin seo mar as leis chun ach den don faoi ina gach nach raibh bheith muid siad no fein bhfuil againn",
    ),
    (
        "hr",
        "i je u na se za su da od s sa iz ne koji koja koje kao ili ali biti bio bila nije samo vrlo sve uz po do bez novo novi moze kod nakon jer sto ce te vas nas vise kako kada cijena",
    ),
    (
        "hu",
        "a az es hogy nem is egy van ez de meg csak ha mint vagy volt ezt aki nagyon mar meg minden lehet azt most el kell fel uj nelkul valo utan altal eseten ingyenes szallitas termek ami amely db keszlet",
    ),
    (
        "it",
        "il lo la gli le di che e un una per con non del della dei delle degli in da su sono come piu ma anche si al alla ai alle nel nella questo questa molto senza nuovo nuova tutto tutti ed o ha suo sua sul sulla dal dalla essere stato ci vi io prezzo spedizione originale fino ogni",
    ),
    (
        "lt",
        "ir yra kad su is i o bet kaip tai ne jo jos nuo iki per uz apie labai tik be arba gali mes jus nauja naujas kuri kuris visi turi ar po kiek cia pries bus buvo musu jusu prie",
    ),
    (
        "lv",
        "un ir no ar par ka uz tas kas vai bet pie lai ne tikai loti jau pec bez vel viss jauns jauna mes jus savu tiek bija var nav kur ja tam ieksa ari kopa",
    ),
    (
        "mt",
        "u li ta tal fil il f minn ma biex din dan hija huwa jew kull fuq dawn kien lill mill bil bhal kif mhux ghal ghall hemm aktar bla meta hafna",
    ),
    (
        "nl",
        "de het een en van is dat op te in voor met niet zijn er maar om ook als aan bij naar uit of door dan nog wel geen deze dit die wordt worden onze jouw uw je ik hij zij wij kan heeft heel zonder nieuw nieuwe alle veel meer tot zeer kopen gratis prijs goed over tussen hebben moet",
    ),
    (
        "pl",
        "i w na z do nie sie jest to ze o od za po jak ale dla oraz przez przy tylko juz tak lub byc sa bez co jego jej ktory ktora ktore bardzo nowy nowa nowe twoj nasz nasza mozna pod nad przed tym ten ta te szt wysylka cena sprzedam ma czy jako we ich",
    ),
    (
        "pt",
        "o os as de que e do da dos das em um uma para com nao por se no na nos nas ao mais como mas foi seu sua ou ser quando muito tem sem entre este esta isso pelo pela ate novo nova voce todos tambem sao so ja porque envio produto frete",
    ),
    (
        "ro",
        "si de in la cu pe nu este un o din pentru ca se sa care sunt mai dar sau fi ce prin fara foarte doar toate acest aceasta dupa pana are fost al ale lui ei iar cand nou noua pret livrare orice poate va cele",
    ),
    (
        "ru",
        "и в на не с что по это как для из от у за так или но все при до его без под только также если они был быть очень уже цена купить новыи новая можно есть я мы вы со после где ее то же бы к о об",
    ),
    (
        "sk",
        "a je sa na v vo s so z zo k ku o pre pri ako ktory ktora ktore su bol bola bolo nie alebo jeho jej len tiez ale aby od po za pod nad velmi vsetky moze cena nove novy bez vas nas uz iba podla",
    ),
    (
        "sl",
        "in je v na za so se da z s ki ne po pri tudi od do kot ali pa bi ni samo zelo vse lahko brez nov nova novo kar ker ta to iz ko bo smo ste nas vas vam med kako cena",
    ),
    (
        "sv",
        "och i att det en som pa ar av for med den till inte har de ett om var jag sig fran vi sa kan man nar men vid han du eller mycket utan ny nya bara alla mer fri efter over hos skick endast finns ocksa aven kop st",
    ),
    (
        "tr",
        "ve bir bu da de icin ile cok ne daha gibi var o kadar en ama olarak olan sonra hic yok ya ben sen biz siz mi mu degil her yeni tum sadece veya ise ki urun fiyat kargo adet orijinal olan uygun",
    ),
    (
        "uk",
        "і в на не з що та до за як для від у по це або але так із при иого без під тільки також якщо вони був бути дуже вже ціна купити новии нова можна є я ми ви після де іі то ж б и про",
    ),
];

/// Letters, as written, that few languages have.
pub(super) const LETTERS: [(&str, &str); 36] = [
    ("ß", "de"),
    ("ä", "de fi sv et sk"),
    ("ö", "de fi sv et hu tr"),
    ("ü", "de hu et tr es"),
    ("å", "sv da"),
    ("ø", "da"),
    ("æ", "da"),
    ("ñ¿¡", "es"),
    ("ã", "pt"),
    ("õ", "pt et"),
    ("ç", "fr pt tr"),
    ("èêœ", "fr"),
    ("ìò", "it"),
    ("łżźśń", "pl"),
    ("ąę", "pl lt"),
    ("ćđ", "hr"),
    ("řů", "cs"),
    ("ě", "cs"),
    ("ľĺŕ", "sk"),
    ("ô", "sk fr"),
    ("ščž", "cs sk sl hr lt lv et"),
    ("ý", "cs sk"),
    ("őű", "hu"),
    ("ăș", "ro"),
    ("țţ", "ro"),
    ("ğ", "tr"),
    ("ı", "tr"),
    ("ş", "tr ro"),
    ("ħġċ", "mt"),
    ("ėųį", "lt"),
    ("ģķļņ", "lv"),
    ("āī", "lv"),
    ("іїєґ", "uk"),
    ("ыэё", "ru"),
    ("ъ", "bg ru"),
    ("щ", "bg ru uk"),
];
