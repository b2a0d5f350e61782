//! What one listing of about 1 KB costs under the default pack, whole and by stage.
//!
//! `cargo bench --bench engine`. Stages are measured cumulatively (`engine::run_to`), so a stage's own cost is the
//! difference to the one before; the table at the end shows these differences and their shares, of one run. Budget
//! (DESIGN.md): 20 µs a listing.

#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::panic, reason = "without the default pack there is nothing to measure")]
#![allow(clippy::print_stdout, reason = "the table of shares is the point")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dsa_signal::domain::{Content, Listing, Money, ProductSafety, TraderInformation, Variant};
use dsa_signal::engine::{self, Circumstances, Scratch, Stage};
use dsa_signal::policy::{self, CompiledPack};

/// As in the service.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const STAGES: [(Stage, &str); 6] = [
    (Stage::Normalise, "fold"),
    (Stage::Match, "match"),
    (Stage::Facts, "facts"),
    (Stage::Signals, "signals"),
    (Stage::Model, "model"),
    (Stage::Fuse, "fuse"),
];

/// Listings of about 1 KB, in the languages of the default pack; most are clean, as most listings are.
fn listings() -> Vec<Content> {
    [
        (
            "en",
            "Handmade oak bedside lamp with linen shade, warm dimmable light",
            "This bedside lamp is turned from a single piece of European oak and finished with two coats of hard wax oil. The shade is \
             natural linen on a steel frame and can be removed for cleaning. The lamp takes any E27 bulb up to 40 W; a dimmable LED bulb \
             with 470 lumen is included. The cable is 1.8 m long, covered in grey cotton, with a switch at hand height. Height 42 cm, shade \
             28 cm across, weight 1.4 kg. Every lamp is made to order in our small workshop and leaves it within five working days. Wood is a \
             natural material: grain and colour differ a little from the photographs. We ship in recycled cardboard without plastic. If you are \
             not happy with it, send it back within 30 days for a full refund. Care: wipe with a dry cloth, renew the oil once a year. Not for \
             use in bathrooms or outdoors. Questions? Use the message button, we answer within a day. Replacement shades in six colours are \
             available in our shop, and so is a taller floor lamp from the same series.",
        ),
        (
            "de",
            "Wanderrucksack 45 Liter mit Regenhülle und Trinksystemfach",
            "Der Rucksack ist für mehrtägige Touren gemacht: 45 Liter Hauptfach, von oben und über einen umlaufenden Reißverschluss von vorne zu \
             öffnen, dazu ein abtrennbares Bodenfach für den Schlafsack. Das Tragesystem lässt sich stufenlos auf Rückenlängen von 42 bis 54 cm \
             einstellen, der Hüftgurt ist gepolstert und hat zwei Taschen für Riegel, Sonnencreme oder das Telefon. Das Gewebe besteht zu 80 % aus \
             wiederverwertetem Polyamid und ist ohne Fluorchemie imprägniert; die passende Regenhülle steckt im Deckelfach. Kompressionsriemen, \
             Schlaufen für Trekkingstöcke und Eispickel, Fach für eine Trinkblase bis 3 l (nicht enthalten). Gewicht 1,65 kg. Empfohlene Zuladung \
             bis 15 kg. Pflege: nur mit lauwarmem Wasser und einer weichen Bürste reinigen, nicht in die Maschine geben. Der Hersteller gewährt fünf \
             Jahre Garantie auf Nähte und Schnallen; Ersatzteile bekommen Sie bei uns einzeln. Versand am selben Werktag bei Bestellung bis 14 Uhr.",
        ),
        (
            "fr",
            "Machine à café à piston 1 litre en verre et inox, quatre tasses",
            "Une cafetière à piston simple et robuste pour quatre grandes tasses. Le récipient est en verre borosilicate, le cadre et le filtre en \
             inox ; toutes les pièces se démontent et passent au lave-vaisselle. Pour un bon café : comptez 60 g de mouture grossière par litre, \
             versez l'eau à 94 °C, remuez, laissez infuser quatre minutes puis abaissez doucement le piston. La double paroi du couvercle garde la \
             chaleur et évite les éclaboussures. Poignée en hêtre non traité, agréable à prendre en main même quand le verre est brûlant. Dimensions : \
             hauteur 23 cm, diamètre 10 cm, poids 780 g. Livrée avec une cuillère doseuse et un filtre de rechange. Attention : ne pas poser le verre \
             chaud sur une surface froide, tenir hors de portée des enfants pendant l'infusion. Fabriquée au Portugal dans une entreprise familiale qui \
             emploie trente personnes. Garantie de deux ans, pièces détachées disponibles pendant dix ans. Expédition sous 48 heures.",
        ),
        (
            "es",
            "Zapatillas de correr ligeras para asfalto, talla 38 a 46",
            "Zapatilla ligera para entrenar a diario sobre asfalto y pista. La media suela de espuma devuelve energía en cada zancada y pierde muy poca \
             altura después de muchos kilómetros; la suela exterior lleva goma solo donde el pie la necesita, así que el par pesa 480 g en la talla 42. La \
             parte superior es de malla transpirable tejida en una sola pieza, sin costuras que rocen, con refuerzos en la puntera y en el talón. La \
             plantilla se saca para lavarla o para poner una propia. Caída de 8 mm, apoyo neutro, ancho normal. Tallas de la 38 a la 46 con medias tallas; \
             si dudas entre dos, elige la mayor. Colores: azul, negro y verde. Cambios gratuitos durante 60 días si no las has usado en la calle. Cuidado: \
             lavar a mano con agua fría y secar lejos del radiador. El fabricante recicla las zapatillas viejas: pregúntanos cómo enviarlas sin coste. \
             Recibirás el pedido en dos o tres días laborables en la península y en cinco en las islas.",
        ),
        (
            "it",
            "Set di 6 coltelli da cucina forgiati con ceppo in noce",
            "Sei coltelli forgiati da un unico pezzo di acciaio inossidabile, affilati a mano e provati uno per uno: coltello da cuoco da 20 cm, da pane, da \
             arrosto, per disossare, per verdure e spelucchino. Il manico è in legno di noce oliato, fissato con tre rivetti, e bilancia bene la lama. Il \
             ceppo ha piedini di gomma e due fessure libere per aggiungere le forbici e l'acciaino. Durezza 56 HRC, angolo di affilatura 15 gradi per lato. \
             Consigliamo di lavarli a mano e di asciugarli subito; la lavastoviglie rovina il legno e toglie il filo. Tenere fuori dalla portata dei bambini. \
             Nella confezione trovate un libretto con le istruzioni per affilare e una scheda di garanzia di dieci anni. Peso totale 3,2 kg, ceppo 24 x 16 x \
             12 cm. Prodotti in provincia di Pordenone da una bottega che lavora l'acciaio dal 1962. Spedizione gratuita sopra i 50 euro, reso entro 30 \
             giorni. Se vi serve un solo coltello, scriveteci: li vendiamo anche singolarmente, con o senza incisione del nome.",
        ),
        (
            "pl",
            "Drewniane klocki dla dzieci, 100 elementów, lakier na bazie wody",
            "Zestaw stu drewnianych klocków z litego buku, pomalowanych farbami i lakierem na bazie wody, bezpiecznymi dla dzieci od pierwszego roku życia. W \
             pudełku są sześciany, walce, łuki, mostki i daszki w dwunastu kolorach; wszystkie krawędzie są zaokrąglone i wygładzone ręcznie. Klocki pasują \
             do innych zestawów naszej serii, bo trzymają moduł 4 cm. Pudełko z płóciennym workiem ułatwia sprzątanie, a pokrywa z otworami służy jako \
             sorter kształtów. Wymiary opakowania 32 x 24 x 10 cm, waga 2,4 kg. Zgodność z normą EN 71 potwierdzona przez niezależne laboratorium. Producent: \
             rodzinny zakład stolarski spod Nowego Sącza, który sadzi drzewo za każdy sprzedany zestaw. Pielęgnacja: przecierać wilgotną ściereczką, nie \
             moczyć. Ostrzeżenie: worek nie jest zabawką. Wysyłka w ciągu 24 godzin kurierem lub do paczkomatu, zwrot do 30 dni bez podawania przyczyny. \
             Zapraszamy też do obejrzenia naszych układanek i kolejek.",
        ),
        (
            "nl",
            "Vintage fiets 28 inch, 3 versnellingen, volledig gereviseerd",
            "Mooie degelijke stadsfiets uit de jaren zeventig, in onze werkplaats helemaal uit elkaar gehaald, schoongemaakt en weer opgebouwd. Nieuw zijn de \
             banden met reflectie, de kabels, de remblokken, de ketting en de verlichting met naafdynamo. De versnellingsnaaf met drie versnellingen is \
             gereviseerd en schakelt soepel. Frame van 57 cm, geschikt voor personen van 1,72 tot 1,90 m; het zadel is van leer en moet nog even worden \
             ingereden. De lak is origineel en heeft hier en daar een krasje, zoals het hoort bij een fiets van vijftig jaar oud. Een stevig slot, een bel en \
             een bagagedrager met snelbinders zitten erbij. U kunt de fiets op afspraak komen proberen in Utrecht of laten bezorgen voor 45 euro in heel \
             Nederland. Op de gereviseerde onderdelen geven wij een jaar garantie. Inruilen van uw oude fiets is mogelijk: stuur een paar duidelijke foto's \
             mee. Wij nemen de tijd voor u, want een goede fiets gaat nog een half leven mee.",
        ),
        (
            "en",
            "Sildenafil 100 mg, 30 tabs, no prescription needed",
            "Original Sildenafil 100mg from India, 30 tablets in a blister, discreet packing, no prescription needed. Also V1agra and Cialis 20 mg, ask for \
             our price list. Write to us on https://t.me/example_shop or WhatsApp +49 151 23456789, we answer at any hour and ship to every country of the \
             European Union within three days. Pay with bank transfer or gift cards. Our customers write that it works within 30 minutes and lasts for 36 \
             hours, without side effects. Buy 60 tablets and get 20 free. The parcel says vitamins, nobody will know what is inside. If customs take it we send \
             it again at our cost. Keep in a dry place below 25 degrees, out of reach of children. We have sold these since 2015 and have thousands of happy \
             buyers; look at the reviews in our channel. Trial packs of 10 tablets are available too, and bigger packs of 120 for those who know what they \
             want. Do not take with nitrates or with grapefruit juice. For women we have a pink version that starts working after one hour.",
        ),
    ]
    .into_iter()
    .map(|(language, title, description)| {
        Content::Listing(Listing {
            listing_id: "l".into(),
            seller_id: "s".into(),
            title: title.into(),
            description: description.into(),
            category_path: vec!["Home".into(), "Other".into()],
            language_code: language.into(),
            price: Some(Money { currency_code: "EUR".into(), units: 39, nanos: 0 }),
            variants: vec![Variant { name: "Standard".into(), ..Variant::default() }],
            trader: Some(trader()),
            product_safety: Some(safety()),
            ..Listing::default()
        })
    })
    .collect()
}

/// Complete, as the platforms must see to: without it every listing would fire the signals of traceability.
fn trader() -> TraderInformation {
    TraderInformation {
        name: "Example GmbH".into(),
        address: "Example Street 1, 10115 Berlin".into(),
        email: "shop@example.com".into(),
        phone: "+49 30 1234567".into(),
        register_number: "HRB 12345".into(),
        country_code: "DE".into(),
        self_certified: true,
        ..TraderInformation::default()
    }
}

fn safety() -> ProductSafety {
    ProductSafety {
        manufacturer_name: "Example GmbH".into(),
        manufacturer_contact: "shop@example.com".into(),
        ..ProductSafety::default()
    }
}

fn default_pack() -> CompiledPack {
    match policy::compile(&policy::embedded()) {
        Ok((pack, _)) => pack,
        Err(faults) => panic!("the default pack does not compile: {} faults", faults.len()),
    }
}

fn engine(criterion: &mut Criterion) {
    let (pack, listings) = (default_pack(), listings());
    let mut scratch = Scratch::default();
    let mut group = criterion.benchmark_group("engine");
    group.throughput(Throughput::Elements(listings.len() as u64));
    for (stage, name) in STAGES {
        group.bench_function(format!("up_to_{name}"), |bencher| {
            bencher.iter(|| {
                for content in &listings {
                    black_box(engine::run_to(stage, content, &pack, &mut scratch));
                }
            });
        });
    }
    group.bench_function("whole", |bencher| {
        bencher.iter(|| {
            for content in &listings {
                black_box(engine::assess(content, &pack, Circumstances::default(), &mut scratch));
            }
        });
    });
    group.finish();
    shares("words that were met before", &pack, &listings, |_| ());
    shares("every word for the first time, in new buffers", &pack, &listings, |scratch| *scratch = Scratch::default());
}

/// Prints what each stage adds, medians over interleaved rounds, so that a noisy neighbour hits all stages alike. What happens
/// `between` listings is not timed.
fn shares(what: &str, pack: &CompiledPack, listings: &[Content], between: impl Fn(&mut Scratch)) {
    const ROUNDS: usize = 301;
    let mut scratch = Scratch::default();
    let mut round = |work: &dyn Fn(&Content, &mut Scratch)| {
        let each = listings.iter().map(|content| {
            between(&mut scratch);
            timed(|| work(content, &mut scratch))
        });
        each.sum()
    };
    let mut times = vec![Vec::with_capacity(ROUNDS); STAGES.len() + 1];
    for _ in 0..ROUNDS {
        for ((stage, _), times) in STAGES.iter().zip(&mut times) {
            times.push(round(&|content, scratch| _ = black_box(engine::run_to(*stage, content, pack, scratch))));
        }
        times[STAGES.len()].push(round(&|content, scratch| {
            black_box(engine::assess(content, pack, Circumstances::default(), scratch));
        }));
    }
    let medians: Vec<f64> = times.iter_mut().map(|times| median(times) / listings.len() as f64).collect();
    let whole = medians[STAGES.len()];
    let bytes: usize = listings.iter().map(text_bytes).sum::<usize>() / listings.len();
    println!(
        "\nµs per listing of {bytes} bytes of text, {} lexicons, {} signals; {what}",
        pack.lexicons.len(),
        pack.signals.len()
    );
    let names = STAGES.iter().map(|(_, name)| *name).chain(["decide"]);
    let mut before = 0.0;
    for (name, after) in names.zip(&medians) {
        let own = (after - before).max(0.0);
        println!("{name:>8} {own:>8.2} {:>5.1} %", 100.0 * own / whole);
        before = *after;
    }
    println!("{:>8} {whole:>8.2}", "whole");
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

/// In microseconds.
fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

fn text_bytes(content: &Content) -> usize {
    let mut bytes = 0;
    content.for_each_text(|_, text| bytes += text.len());
    bytes
}

criterion_group!(benches, engine);
criterion_main!(benches);
