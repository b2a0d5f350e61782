//! Which language an item is written in: by script, then by the small words that no sentence does without and the
//! letters that few languages have.
//!
//! Not here: the caller's own `language_code`, which wins over any guess. Kept true: looks at a bounded number of
//! tokens; says "und" rather than guess.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::document::Document;
use super::function_words::{LANGUAGES, LETTERS, WORDS};

/// Tokens looked at: so many small words settle it, if any do.
const SAMPLE: usize = 96;
/// Weight of what only one language has.
const UNIT: u32 = 12;
/// Score that a guess needs: a word of its own and some shared ones, or a letter of its own.
const LEAST: u32 = 3 * UNIT / 2;
/// Languages written in Cyrillic letters.
const CYRILLIC: [&str; 3] = ["bg", "ru", "uk"];

/// The BCP 47 primary language of a document, or "und".
///
/// Knows the 24 official languages of the EU, and Ukrainian, Russian, Turkish, Arabic and Chinese.
pub fn detect(document: &Document) -> &'static str {
    let sample = document.tokens().get(..SAMPLE).unwrap_or(document.tokens());
    let mut scripts = Scripts::default();
    let mut scores = [0u32; LANGUAGES.len()];
    let clues = &*CLUES;
    for token in sample {
        let word = document.word(token);
        scripts.count(word);
        if word.len() <= clues.longest
            && let Some(mask) = clues.words.get(word)
        {
            add(&mut scores, *mask, UNIT);
        }
    }
    if let Some(language) = scripts.decided() {
        return language;
    }
    for (letters, mask) in &clues.letters {
        if letters.chars().any(|letter| document.written().has(letter)) {
            // A letter of one language alone settles it, one of several only helps.
            let weight = if mask.count_ones() == 1 { LEAST } else { UNIT };
            add(&mut scores, *mask, weight);
        }
    }
    best(&scores, scripts.cyrillic > scripts.latin)
}

fn add(scores: &mut [u32], mask: u32, weight: u32) {
    let share = weight / mask.count_ones().max(1);
    let mut rest = mask;
    while rest != 0 {
        if let Some(score) = scores.get_mut(rest.trailing_zeros() as usize) {
            *score += share;
        }
        rest &= rest - 1;
    }
}

fn best(scores: &[u32], cyrillic: bool) -> &'static str {
    let candidates = LANGUAGES.iter().zip(scores).filter(|(language, _)| CYRILLIC.contains(language) == cyrillic);
    let (mut first, mut second) = (("und", LEAST - 1), 0);
    for (language, score) in candidates {
        if *score > first.1 {
            second = first.1;
            first = (language, *score);
        } else {
            second = second.max(*score);
        }
    }
    if first.1 > second { first.0 } else { "und" }
}

/// Tokens by script.
#[derive(Default)]
struct Scripts {
    latin: u32,
    cyrillic: u32,
    greek: u32,
    arabic: u32,
    han: u32,
    /// Japanese and Korean syllables, and scripts of languages not known here.
    other: u32,
}

impl Scripts {
    fn count(&mut self, word: &str) {
        let Some(c) = word.chars().next() else { return };
        match c as u32 {
            0x30..=0x39 => {}
            0x00..=0x36F | 0x1E00..=0x1EFF => self.latin += 1,
            0x370..=0x3FF | 0x1F00..=0x1FFF => self.greek += 1,
            0x400..=0x52F => self.cyrillic += 1,
            0x600..=0x6FF | 0x750..=0x77F => self.arabic += 1,
            0x3400..=0x9FFF => self.han += 1,
            _ => self.other += 1,
        }
    }

    /// The language, where the script decides it.
    fn decided(&self) -> Option<&'static str> {
        let all = self.latin + self.cyrillic + self.greek + self.arabic + self.han + self.other;
        let most = |count: u32| count > 0 && 2 * count > all;
        match () {
            () if most(self.greek) => Some("el"),
            () if most(self.arabic) => Some("ar"),
            () if most(self.han) => Some("zh"),
            () if most(self.other) => Some("und"),
            () => None,
        }
    }
}

/// Words and letters, each with the languages that have them.
struct Clues {
    words: FxHashMap<&'static str, u32>,
    longest: usize,
    letters: Vec<(&'static str, u32)>,
}

static CLUES: LazyLock<Clues> = LazyLock::new(|| {
    let mut words: FxHashMap<&'static str, u32> = FxHashMap::default();
    for (language, list) in WORDS {
        list.split(' ').for_each(|word| *words.entry(word).or_default() |= bit(language));
    }
    let longest = words.keys().map(|word| word.len()).max().unwrap_or(0);
    let letters = LETTERS
        .iter()
        .map(|(letters, languages)| (*letters, languages.split(' ').fold(0, |mask, language| mask | bit(language))));
    Clues { longest, letters: letters.collect(), words }
});

fn bit(language: &str) -> u32 {
    LANGUAGES.iter().position(|known| *known == language).map_or(0, |index| 1 << index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(text: &str) -> &'static str {
        let mut document = Document::new();
        document.push_field(text);
        detect(&document)
    }

    #[test]
    fn every_word_folds_to_itself_and_every_language_is_known() {
        for (language, list) in WORDS {
            assert!(bit(language) != 0, "{language}");
            let mut document = Document::new();
            document.push_field(list);
            assert_eq!(document.folded(), list, "{language}");
        }
        for (_, languages) in LETTERS {
            assert!(languages.split(' ').all(|language| bit(language) != 0), "{languages}");
        }
    }

    #[test]
    fn sentences_are_told_apart() {
        for (language, text) in [
            ("en", "This is the best offer for your home, with free shipping"),
            ("de", "Neue Lampe für die Küche, ohne Kabel und mit Garantie"),
            ("fr", "Vendu avec la boîte, livraison rapide dans toute la France"),
            ("es", "Se vende bicicleta para niños con poco uso, envío incluido"),
            ("it", "Vendo scarpe nuove della mia collezione, spedizione inclusa nel prezzo"),
            ("pl", "Sprzedam rower w bardzo dobrym stanie, wysyłka gratis"),
            ("nl", "Te koop een nieuwe fiets voor kinderen, niet gebruikt"),
            ("pt", "Vendo telemóvel em bom estado, não tem riscos, com caixa"),
            ("ro", "Vând mașină de spălat în stare foarte bună, cu livrare"),
            ("cs", "Prodám kolo ve velmi dobrém stavu, a není třeba nic opravovat"),
            ("sk", "Predám bicykel vo veľmi dobrom stave, cena je konečná"),
            ("hu", "Eladó egy nagyon jó állapotú kerékpár, és nem használt"),
            ("sv", "Säljer en cykel som är i mycket bra skick och inte använd"),
            ("da", "Sælger en cykel, der er i meget god stand, og ikke brugt"),
            ("fi", "Myydään polkupyörä, joka on hyvin hyvä ja se ei ole käytetty"),
            ("et", "Müüa jalgratas, mis on väga heas korras ja ei ole kasutatud"),
            ("lv", "Pārdod velosipēdu, kas ir ļoti labā stāvoklī un nav lietots"),
            ("lt", "Parduodu dviratį, kuris yra labai geros būklės, ir nėra naudotas"),
            ("sl", "Prodam kolo, ki je v zelo dobrem stanju in ni rabljeno"),
            ("hr", "Prodajem bicikl koji je u vrlo dobrom stanju i nije korišten"),
            ("mt", "Għall-bejgħ rota li hija f'kundizzjoni tajba ħafna"),
            ("ga", "Tá an rothar seo ar díol agus níl sé in úsáid ach go hannamh"),
            ("el", "Πωλείται ποδήλατο σε πολύ καλή κατάσταση"),
            ("bg", "Продавам колело в много добро състояние и без забележки"),
            ("ru", "Продаю велосипед в очень хорошем состоянии, не использовался"),
            ("uk", "Продам велосипед у дуже доброму стані, і він не використовувався"),
            ("tr", "Satılık bisiklet çok iyi durumda ve hiç kullanılmadı"),
            ("ar", "دراجة للبيع في حالة ممتازة"),
            ("zh", "全新自行车 包邮"),
            ("und", "iPhone 15 Pro 256GB"),
            ("und", ""),
            ("und", "自転車を売ります とてもきれいです"),
        ] {
            assert_eq!(detected(text), language, "{text}");
        }
    }
}
