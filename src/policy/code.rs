//! The closed list of diagnostic codes.
//!
//! Not here: where each is found. Kept true: a code, once published, keeps its meaning; the table in
//! `docs/POLICY.md` is generated from this one; every code has a golden file in `tests/policy/diagnostics/`.

/// Does the pack still compile?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// No.
    Error,
    /// Yes, but a person should look.
    Warning,
}

impl Severity {
    /// The word in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

macro_rules! codes {
    ($($variant:ident = $code:literal, $severity:ident, $title:literal, $remedy:literal;)*) => {
        /// One way in which a pack can be wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $title] $variant,)* }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The stable name, e.g. `P012`.
            pub const fn as_str(self) -> &'static str { match self { $(Code::$variant => $code,)* } }

            /// Error or warning.
            pub const fn severity(self) -> Severity { match self { $(Code::$variant => Severity::$severity,)* } }

            /// What is wrong, in a phrase.
            pub const fn title(self) -> &'static str { match self { $(Code::$variant => $title,)* } }

            /// What to do about it.
            pub const fn remedy(self) -> &'static str { match self { $(Code::$variant => $remedy,)* } }
        }
    };
}

codes! {
    UnreadableFile = "P001", Error, "unreadable file", "Give the service permission to read it; packs are UTF-8, at most 8 MiB a file.";
    MissingFile = "P002", Error, "missing file", "Every pack has `pack.yaml` and `laws.yaml`.";
    StrayFile = "P003", Error, "file that is no part of a pack", "YAML belongs in `pack.yaml`, `laws.yaml`, `endings.yaml`, `standing.yaml`, `promotion.yaml`, `links.yaml`, `lexicons/*.yaml` and `signals/*.yaml`.";
    BadYaml = "P004", Error, "not YAML", "Mind indentation, and quote text that starts with `*`, `&`, `!`, `%`, `@`, `[`, `{` or holds `: ` or ` #`.";
    YamlFeature = "P005", Error, "YAML feature that packs do not use", "Packs are plain YAML: one document a file, no anchors, aliases or tags.";
    DuplicateKey = "P006", Error, "key given twice", "Merge the two entries.";
    UnknownKey = "P007", Error, "unknown key", "A misspelt key would silently do nothing: keys are those of docs/POLICY.md.";
    MissingKey = "P008", Error, "missing key", "Add it.";
    WrongShape = "P009", Error, "wrong kind of value", "Write the kind of value named in the message.";
    TooMany = "P010", Error, "more than a pack may hold", "Split or shorten.";
    BlankText = "P011", Error, "blank text", "Write something, for the person who reads it.";

    UnknownArea = "P012", Error, "unknown risk area", "The areas are a closed list.";
    UnknownLevel = "P013", Error, "unknown level", "Levels are LOW, ELEVATED, HIGH and CRITICAL; what is below LOW is MINIMAL.";
    UnknownAction = "P014", Error, "unknown action", "Actions are REQUIRE_DISCLOSURE, AGE_GATE, DEMOTE, REVIEW, BLOCK and ESCALATE; below the first it is ALLOW.";
    ThresholdRange = "P015", Error, "threshold that is no probability", "Thresholds are risks: above 0, at most 1.";
    ThresholdOrder = "P016", Error, "thresholds that do not rise", "A higher level or a graver action needs a higher threshold.";
    BadPrior = "P017", Error, "prior out of range", "Log odds between -20 and 20; -5 means 7 in 1000.";
    AreaWithoutPrior = "P018", Error, "signals in an area that the pack does not score", "Add the area with its prior to `areas` of `pack.yaml`.";
    FileName = "P019", Error, "file name that does not match its area", "Signals of an area live in `signals/<area>.yaml`.";
    UnknownRole = "P020", Error, "unknown role", "Roles are a closed list: see `roles`.";
    UnknownLanguage = "P021", Error, "unknown language", "Two-letter code of ISO 639-1 in lower case, or `any` for terms of every language.";
    UnknownSubject = "P022", Error, "unknown kind of content", "`applies_to` lists `listing`, `post` or both.";
    NothingApplies = "P023", Error, "applies to nothing", "Name at least one kind of content that the area is scored for.";

    BadModel = "P024", Error, "text model that cannot be used", "Train it again with `dsa-signal model train`, or remove `model` from the areas of `pack.yaml`.";
    ModelLimit = "P025", Error, "text model that may do too much", "What a learned model says may put an item before a person, never hold it back: keep prior + `model` below the threshold of BLOCK.";
    UnlearnedHint = "P026", Warning, "hint that the model has not learned", "Train the model with labelled items of the area (`dsa-signal model train`), or remove the signal: it never fires.";

    BadLexiconId = "P030", Error, "bad lexicon id", "A lower-case letter, then lower-case letters, digits and `_`; no word that CEL reserves.";
    DuplicateLexicon = "P031", Error, "lexicon defined twice", "Rename one, or add terms from another file with `extend`.";
    UnknownLexicon = "P032", Error, "unknown lexicon", "Define it, or correct the name.";
    EmptyLexicon = "P033", Error, "lexicon without terms", "Add terms or remove it.";
    EmptyTerm = "P034", Error, "empty term", "Remove it.";
    FoldsToNothing = "P035", Error, "term of which folding leaves nothing", "Terms need letters or digits, or are one picture (emoji).";
    DuplicateTerm = "P036", Warning, "term given twice in one lexicon and language", "Remove one. The same term in two languages is fine.";
    ShortDisguise = "P037", Error, "disguise of words that are too short", "Words of fewer than 4 letters resemble too much; leave `disguise` off.";
    BadMark = "P038", Error, "misplaced mark in a term", "`word~`, `word*`, `+word`, `word+`, `+word+`, `=word`, and `..` between words.";
    UnguardedTrap = "P039", Error, "trap that nothing guards", "Say what it `needs`, what cancels it (`unless`), or both; else list it under `terms`.";
    GuardCycle = "P040", Error, "terms that only vouch for each other", "Two ambiguous words are no proof: let one of the lexicons have a term that needs nothing, or let the guard ask for a fact.";
    UnusedLexicon = "P041", Warning, "lexicon that nothing uses", "Use it in a condition, a guard, evidence or a role, or remove it.";
    BadWithin = "P042", Error, "distance out of range", "Between 0 and 100 words.";
    EmptyGuard = "P043", Error, "guard that names nothing", "Name lexicons, facts or both.";
    UnknownForm = "P044", Error, "unknown form", "`word`, `prefix`, `stem` or `compound`.";
    StemWithoutEndings = "P045", Warning, "stem in a language without endings", "Add the language to `endings.yaml`, or use `*` or `=`.";
    PointlessDistance = "P046", Error, "distance without lexicons", "`within` counts words between hits; facts have no place in the text.";
    LateFact = "P047", Error, "fact that a guard cannot ask for", "Facts that rest on lexicon hits are known only after guards have decided which hits count: use the fact in a condition.";

    UnknownLaw = "P050", Error, "unknown law", "Add it to `laws.yaml`, or correct the key.";
    UnusedLaw = "P051", Warning, "law that no signal cites", "Cite it or remove it.";
    BadLawUrl = "P052", Error, "law without an address", "An `https://` address, best the ELI on EUR-Lex.";
    NoLegalBasis = "P053", Error, "weight without legal basis", "Every signal that raises a risk names the law that the content may fall under.";
    UnknownCategory = "P055", Error, "unknown category of the Transparency Database", "Use a category in force since 1 July 2025.";
    UnknownKeyword = "P056", Error, "unknown keyword of the Transparency Database", "Use a keyword in force since 1 July 2025.";
    KeywordElsewhere = "P057", Warning, "keyword of another category", "The database accepts it, but its guidance lists the keyword elsewhere.";
    NoStatement = "P058", Error, "weight without a Transparency Database category", "Every signal that raises a risk names `sor: {category, keyword}`.";

    UnknownSpecialCategory = "P059", Error, "unknown special category", "Special categories are those of GDPR Art. 9(1): see `special_category`.";
    BadSignalId = "P060", Error, "bad signal id", "A lower-case letter, then lower-case letters, digits and `_`; the area is put before it.";
    DuplicateSignal = "P061", Error, "signal defined twice", "Rename one.";
    UnknownGroup = "P062", Error, "undocumented group", "Document the group under `groups` of `pack.yaml`.";
    UnusedGroup = "P063", Warning, "group that no signal uses", "Remove it.";
    ZeroWeight = "P064", Error, "weight of zero", "A signal that changes nothing says nothing.";
    WeightRange = "P065", Error, "weight out of range", "Nats between -12 and 12; 6 is enough alone.";
    Accusation = "P066", Warning, "message that passes judgement", "Say what the content shows or may fall under; people decide whether it is against the law.";
    Untested = "P067", Warning, "signal without tests", "Give at least one example under `tests`: `fires` or `silent`.";
    BadExample = "P068", Error, "example that is no content", "A title, or a map with `listing` or `post`.";

    BadCondition = "P080", Error, "not CEL", "See \"Conditions\" in docs/POLICY.md.";
    Unsupported = "P081", Error, "CEL that conditions do not use", "`&& || !`, comparisons, `in` with a list of strings, `near` and `before`.";
    UnknownFact = "P082", Error, "unknown fact", "Facts are listed in docs/FACTS.md.";
    TypeMismatch = "P083", Error, "types that do not fit", "Compare numbers with numbers and texts with texts; write flags bare.";
    Unreachable = "P084", Error, "condition that can never hold", "Correct or remove it.";
    AlwaysTrue = "P085", Error, "condition that always holds", "What is true of all content is part of the area's prior.";
    BadNear = "P086", Error, "misuse of near or before", "`near(\"a\", \"b\", N)`: two different lexicons as strings, and 0 to 100 words.";
    LongCondition = "P087", Error, "condition too long", "At most 4096 bytes and 200 comparisons: put the words into one lexicon.";
    UnknownEvidence = "P088", Error, "unknown evidence", "Evidence is `lex.ID`, the same in another scope, or the name of a fact.";

    UnknownEvent = "P090", Error, "unknown kind of event", "Kinds of events are a closed list: see `standing.yaml` in docs/POLICY.md.";
    StandingRange = "P091", Error, "number of `standing.yaml` out of range", "Write a number within the range named in the message.";
    UnknownStrike = "P092", Error, "unknown effect on strikes", "`strike` is `counts` or `lifts`; leave it out where it is neither.";
    SuspensionFirst = "P093", Error, "suspension that would come before the warning", "DSA Art. 23 wants a prior warning: `suspend_at` is greater than `warn_at`.";
    IdleEvent = "P094", Warning, "event that counts for nothing", "Give it a weight or an effect on strikes, or remove it.";

    BadLinkHost = "P100", Error, "host that is none", "A host in lower case, without scheme and path: `example.com` stands for its subdomains too.";
    BadLinkPath = "P101", Error, "path without one place for the identifier", "`/item/{id}.html`; `*` stands for one segment.";
    IdleLinks = "P102", Error, "entry of `links.yaml` that resolves nothing", "Listings need hosts, and paths or parameters; carriers need parameters.";
    PromotionRange = "P103", Error, "number of `promotion.yaml` out of range", "Write a number within the range named in the message.";
    UnknownKind = "P104", Error, "unknown kind of product", "`akin` names other kinds of this file.";
    BrandNameTwice = "P105", Error, "name of two brands", "Keep it under the brand that people mean by it.";
    BrandWithoutTerm = "P106", Warning, "brand that no lexicon has", "Add one of its names to a lexicon under `brands`, or remove it.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        assert!(Code::ALL.windows(2).all(|pair| pair[0].as_str() < pair[1].as_str()));
    }
}
