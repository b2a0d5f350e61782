//! Where a store is: URLs, the default, and opening.
//!
//! Not here: the backends. Kept true: a password is never shown; a URL that names no store is an error that says what does.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use super::Store;
use super::clock::Clock;
use super::error::{StoreError, StoreFault};
use super::memory::MemoryStore;
use super::postgres::PostgresStore;
use super::sqlite::SqliteStore;

/// Where records are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// `memory:`; gone with the process.
    Memory,
    /// `sqlite:PATH`.
    Sqlite(PathBuf),
    /// `postgres://user:password@host:port/database`.
    Postgres(String),
}

impl Location {
    /// A file in the user's data folder; `None` if the system knows no such folder.
    pub fn in_data_folder() -> Option<Self> {
        Self::data_folder().map(|folder| Location::Sqlite(folder.join("records.sqlite")))
    }

    /// The user's data folder of this program (XDG, Known Folders or Standard Directories, by the system).
    pub fn data_folder() -> Option<PathBuf> {
        directories::ProjectDirs::from("", "", "dsa-signal").map(|folders| folders.data_dir().to_owned())
    }
}

impl FromStr for Location {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        match scheme {
            "memory" if rest.is_empty() => Ok(Location::Memory),
            "sqlite" if !rest.trim_start_matches("//").is_empty() => {
                Ok(Location::Sqlite(rest.strip_prefix("//").unwrap_or(rest).into()))
            }
            "postgres" | "postgresql" if rest.starts_with("//") => Ok(Location::Postgres(text.to_owned())),
            _ => Err(StoreError::new(StoreFault::Location, "")),
        }
    }
}

/// As the configuration shows it: a URL whose password is hidden, wherever it stands.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::Memory => f.write_str("memory:"),
            Location::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Location::Postgres(url) => match url::Url::parse(url) {
                Ok(mut url) => {
                    let _no_authority = url.password().is_some().then(|| url.set_password(Some("hidden")));
                    hide_parameter(&mut url);
                    url.fmt(f)
                }
                Err(_) => f.write_str("postgres://(unreadable)"),
            },
        }
    }
}

/// `?password=…` is another way to write it.
fn hide_parameter(url: &mut url::Url) {
    if url.query_pairs().any(|(name, _)| name == "password") {
        let kept: Vec<_> = url
            .query_pairs()
            .filter(|(name, _)| name != "password")
            .map(|pair| (pair.0.into_owned(), pair.1.into_owned()))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(kept).append_pair("password", "hidden");
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Opens a store: reaches it, brings its schema up to date, and fails here and not later if it cannot be used.
pub async fn open(location: &Location) -> Result<Arc<dyn Store>, StoreError> {
    open_with(location, Clock::default()).await
}

/// Opens a store whose records are stamped by this clock.
pub async fn open_with(location: &Location, clock: Clock) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match location {
        Location::Memory => Arc::new(MemoryStore::new(clock)),
        Location::Sqlite(path) => {
            let path = path.clone();
            let opened = tokio::task::spawn_blocking(move || SqliteStore::open(&path, clock)).await;
            Arc::new(opened.map_err(|_| StoreError::new(StoreFault::Defect, "opening has panicked"))??)
        }
        Location::Postgres(url) => Arc::new(PostgresStore::open(url, clock).await?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_stores_and_passwords_are_not_shown() {
        for (text, shown) in [
            ("memory:", "memory:"),
            ("sqlite:records.sqlite", "sqlite:records.sqlite"),
            ("sqlite:/var/lib/x.sqlite", "sqlite:/var/lib/x.sqlite"),
            ("sqlite:///var/lib/x.sqlite", "sqlite:/var/lib/x.sqlite"),
            ("postgres://u:secret@h:5/d", "postgres://u:hidden@h:5/d"),
            ("postgres://u@h:5/d?password=secret&x=1", "postgres://u@h:5/d?x=1&password=hidden"),
            ("postgres://u@h/d?sslmode=disable", "postgres://u@h/d?sslmode=disable"),
            ("postgresql://h/d", "postgresql://h/d"),
        ] {
            let location: Location = text.parse().unwrap();
            assert_eq!((location.to_string(), format!("{location:?}")), (shown.to_owned(), shown.to_owned()));
        }
        for wrong in ["", "memory:x", "sqlite:", "sqlite://", "postgres:h", "mysql://h/d", "records.sqlite"] {
            assert_eq!(wrong.parse::<Location>().unwrap_err().fault, StoreFault::Location, "{wrong}");
        }
    }
}
