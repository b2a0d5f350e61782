//! Which hosts are shorteners, messengers, shopping agents, affiliate networks and link-in-bio pages.
//!
//! Not here: finding links. Kept true: every table is sorted and in lower case; an entry also stands for its
//! subdomains.

/// URL shorteners that people choose. Not here: `t.co`, through which its platform sends every link.
const SHORTENERS: &[&str] = &[
    "adf.ly",
    "bit.do",
    "bit.ly",
    "bitly.com",
    "bl.ink",
    "buff.ly",
    "cutt.ly",
    "dub.sh",
    "gg.gg",
    "goo.gl",
    "is.gd",
    "kurzelinks.de",
    "lc.chat",
    "ow.ly",
    "owl.li",
    "qr.ae",
    "rb.gy",
    "rebrand.ly",
    "s.id",
    "shorturl.at",
    "snip.ly",
    "soo.gd",
    "surl.li",
    "t.ly",
    "t1p.de",
    "temu.to",
    "tiny.cc",
    "tiny.pl",
    "tinyurl.com",
    "urlz.fr",
    "v.gd",
    "vk.cc",
    "x.gd",
];

/// Hosts that open a chat or a channel.
const MESSENGERS: &[&str] = &[
    "api.whatsapp.com",
    "chat.whatsapp.com",
    "discord.com",
    "discord.gg",
    "discordapp.com",
    "ig.me",
    "kik.me",
    "line.me",
    "m.me",
    "messenger.com",
    "signal.group",
    "signal.me",
    "snapchat.com",
    "t.me",
    "telegram.dog",
    "telegram.me",
    "telegram.org",
    "telesco.pe",
    "threema.id",
    "u.wechat.com",
    "viber.com",
    "vk.me",
    "wa.link",
    "wa.me",
    "wechat.com",
    "whatsapp.com",
    "wickr.com",
    "zalo.me",
];

/// Shopping agents and the shops that one buys from through them.
const AGENTS: &[&str] = &[
    "1688.com",
    "acbuy.com",
    "allchinabuy.com",
    "basetao.com",
    "basetao.net",
    "cnfans.com",
    "cssbuy.com",
    "eastmallbuy.com",
    "ezbuycn.com",
    "hagobuy.com",
    "hoobuy.com",
    "hubbuycn.com",
    "itaobuy.com",
    "joyabuy.com",
    "kakobuy.com",
    "litbuy.com",
    "loongbuy.com",
    "lovegobuy.com",
    "mulebuy.com",
    "oopbuy.com",
    "orientdig.com",
    "pandabuy.allapp.link",
    "pandabuy.com",
    "parcelup.com",
    "ponybuy.com",
    "sifubuy.com",
    "sugargoo.com",
    "superbuy.com",
    "taobao.com",
    "tmall.com",
    "usfans.com",
    "wegobuy.com",
    "weidian.com",
    "yoybuy.com",
    "yupoo.com",
];

/// Affiliate networks and their redirectors.
const AFFILIATES: &[&str] = &[
    "amzlink.to",
    "amzn.to",
    "anrdoezrs.net",
    "avantlink.com",
    "awin1.com",
    "clickbank.net",
    "clk.tradedoubler.com",
    "commission-junction.com",
    "digistore24.com",
    "dpbolvw.net",
    "ds1.nl",
    "effiliation.com",
    "fave.co",
    "go.redirectingat.com",
    "go.skimresources.com",
    "hop.clickbank.net",
    "howl.link",
    "howl.me",
    "jdoqocy.com",
    "kqzyfj.com",
    "liketk.it",
    "liketoknow.it",
    "linksynergy.com",
    "ltk.app",
    "ltk.app.link",
    "magiclinks.com",
    "mavely.app.link",
    "mvly.com",
    "partnerize.com",
    "pntra.com",
    "pntrac.com",
    "pntrs.com",
    "prf.hn",
    "rstyle.me",
    "s.click.aliexpress.com",
    "s.click.taobao.com",
    "shareasale.com",
    "shop-links.co",
    "shopltk.com",
    "shopmy.us",
    "shopstyle.it",
    "sovrn.co",
    "tc.tradetracker.net",
    "tidd.ly",
    "tkqlhce.com",
    "tradedoubler.com",
    "webgains.com",
    "zanox-affiliate.de",
    "zanox.com",
    "zenaps.com",
];

/// Pages of links and shared spreadsheets.
const HUBS: &[&str] = &[
    "allmylinks.com",
    "beacons.ai",
    "beacons.page",
    "bio.fm",
    "bio.link",
    "bio.site",
    "campsite.bio",
    "carrd.co",
    "flow.page",
    "flowcode.com",
    "heylink.me",
    "hoo.be",
    "instabio.cc",
    "koji.to",
    "komi.io",
    "linkin.bio",
    "linkpop.com",
    "linkr.bio",
    "linktr.ee",
    "lnk.bio",
    "many.link",
    "milkshake.app",
    "msha.ke",
    "shor.by",
    "snipfeed.co",
    "solo.to",
    "stan.store",
    "tap.bio",
    "taplink.cc",
    "withkoji.com",
];

/// Hosts that share spreadsheets, where the path says so.
const SPREADSHEETS: &[(&str, &str)] =
    &[("docs.google.com", "/spreadsheets"), ("1drv.ms", "/x"), ("airtable.com", "/shr"), ("notion.site", "/")];

/// What a host is known as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct KnownHost {
    pub(super) shortener: bool,
    pub(super) messenger: bool,
    pub(super) agent: bool,
    pub(super) affiliate: bool,
    pub(super) hub: bool,
}

impl KnownHost {
    /// Looks up a host in lower case; `path` starts with `/` or is empty.
    pub(super) fn of(host: &str, path: &str) -> Self {
        let sheet = |(name, start): &(&str, &str)| within(host, name) && path.starts_with(start);
        KnownHost {
            shortener: listed(SHORTENERS, host),
            messenger: listed(MESSENGERS, host),
            agent: listed(AGENTS, host),
            affiliate: listed(AFFILIATES, host),
            hub: listed(HUBS, host) || SPREADSHEETS.iter().any(sheet),
        }
    }

    /// True if the host is in some table.
    pub(super) fn is_known(self) -> bool {
        self != KnownHost::default()
    }
}

/// True if the host, or a domain that it lies in, is in the table.
fn listed(table: &[&str], host: &str) -> bool {
    let mut rest = host;
    loop {
        if table.binary_search(&rest).is_ok() {
            return true;
        }
        match rest.split_once('.') {
            Some((_, parent)) if parent.contains('.') => rest = parent,
            _ => return false,
        }
    }
}

/// True if `host` is `domain` or a subdomain of it.
pub(super) fn within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
}

/// Endings of bare domains that are no word of a sentence ("best.It" is two sentences): what a link without `http`
/// may end in. Sorted.
const PLAIN_ENDINGS: &[&str] = &[
    "ai", "app", "biz", "bz", "cc", "ch", "cn", "co", "com", "cz", "de", "dk", "ee", "eu", "fi", "fr", "gg", "gr",
    "hr", "hu", "ie", "info", "io", "link", "lt", "lv", "net", "nl", "nu", "onion", "online", "org", "pl", "pt", "ru",
    "se", "shop", "si", "site", "sk", "store", "su", "top", "tv", "ua", "uk", "us", "vip", "ws", "xyz",
];

/// True if a bare domain may end so without looking like running text.
pub(super) fn is_plain_ending(ending: &str) -> bool {
    PLAIN_ENDINGS.binary_search(&ending).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_sorted_and_in_lower_case() {
        for table in [SHORTENERS, MESSENGERS, AGENTS, AFFILIATES, HUBS, PLAIN_ENDINGS] {
            for pair in table.windows(2) {
                assert!(pair[0] < pair[1], "{} comes after {}", pair[0], pair[1]);
            }
            assert!(table.iter().all(|host| !host.bytes().any(|byte| byte.is_ascii_uppercase())));
        }
    }

    #[test]
    fn subdomains_are_known_and_lookalikes_are_not() {
        assert!(KnownHost::of("shop123.x.yupoo.com", "").agent);
        assert!(KnownHost::of("t.me", "/chan").messenger);
        assert!(!KnownHost::of("nott.me", "/chan").messenger);
        assert!(!KnownHost::of("yupoo.com.example.org", "").agent);
        assert!(KnownHost::of("docs.google.com", "/spreadsheets/d/1").hub);
        assert!(!KnownHost::of("docs.google.com", "/document/d/1").hub);
    }
}
