//! What is sent: listings in five languages, most of them honest.
//!
//! Not here: encoding and sending. Kept true: the same listings for every server of a run, so that answers can be prepared.

use dsa_signal::wire::v1::{Listing, Money};

/// How many different listings there are.
const LISTINGS: usize = 256;

const TEXTS: [(&str, &str); 6] = [
    ("Kitchen chair, solid oak", "A sturdy chair from our own workshop. Seat height 45 cm, oiled, no screws visible. "),
    ("Damen Winterjacke Gr. 40", "Warme Jacke mit Kapuze, kaum getragen, Nichtraucherhaushalt, Versand möglich. "),
    ("Vélo de ville 28 pouces", "Vélo en bon état, freins neufs, éclairage à dynamo, panier avant compris. "),
    ("Tabletki na receptę, bez recepty", "Szybka wysyłka, dyskretna paczka, zapytaj na czacie o cenę i ilość. "),
    ("Replica horloge 1:1 kwaliteit", "Zelfde gewicht en doos als het origineel, stuur bericht voor meer foto's. "),
    ("Collagen powder 300 g", "Food supplement. One scoop a day with water. Does not replace a varied diet. "),
];

/// Offers with so many bytes of text. `mixed` has some that are not honest: those are recorded before they are answered.
pub(crate) fn listings(bytes: usize, mixed: bool) -> Vec<Listing> {
    let honest: Vec<_> = TEXTS.iter().enumerate().filter(|(at, _)| mixed || ![3, 4].contains(at)).collect();
    (0..LISTINGS)
        .map(|at| {
            let (_, (title, sentence)) = honest[at % honest.len()];
            Listing {
                listing_id: format!("listing-{at:08}"),
                seller_id: format!("seller-{:06}", at * 7919 % 1000),
                title: format!("{title} no. {at}"),
                description: sentence.repeat((bytes.saturating_sub(100) / sentence.len()).max(1)),
                category_path: vec!["Home".into(), "Various".into()],
                price: Some(Money { currency_code: "EUR".into(), units: 19 + at as i64, nanos: 0 }),
                ships_from_country: "DE".into(),
                target_countries: vec!["DE".into(), "FR".into()],
                ..Default::default()
            }
        })
        .collect()
}
