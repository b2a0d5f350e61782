//! What a client may do, in four words.
//!
//! Not here: which RPC wants which (`rpc.rs`). Kept true: roles do not imply each other, so that a client that records need not
//! be able to read; whoever may do more is given more words.

use std::fmt;
use std::str::FromStr;

/// A permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Role {
    /// Have content scored and explained.
    Score,
    /// Tell what happened: events, outcomes, notices.
    Record,
    /// Read decisions, standings and the policy.
    Read,
    /// Change how the service works.
    Admin,
}

impl Role {
    /// Every role, in the order of the discriminants.
    pub const ALL: [Role; 4] = [Role::Score, Role::Record, Role::Read, Role::Admin];

    /// As files, tokens and metrics name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Score => "score",
            Role::Record => "record",
            Role::Read => "read",
            Role::Admin => "admin",
        }
    }
}

/// A word that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no role; roles are score, record, read and admin")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        Role::ALL.into_iter().find(|role| role.as_str() == name).ok_or_else(|| UnknownRole(name.to_owned()))
    }
}

/// A set of roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles(u8);

impl Roles {
    /// Every role: of whoever calls a service that asks nobody who they are.
    pub const ALL: Roles = Roles(0b1111);

    /// True if it is one of them.
    pub const fn contains(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }

    /// True if there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Roles(roles.into_iter().fold(0, |set, role| set | 1 << role as u8))
    }
}

/// Names between commas.
impl FromStr for Roles {
    type Err = UnknownRole;

    fn from_str(names: &str) -> Result<Self, UnknownRole> {
        names.split(',').map(|name| name.trim().parse::<Role>()).collect()
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = Role::ALL.into_iter().filter(|role| self.contains(*role));
        let names: Vec<_> = held.map(Role::as_str).collect();
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_as_they_are_written() {
        for text in ["score", "record,read", "score,record,read,admin"] {
            assert_eq!(text.parse::<Roles>().unwrap().to_string(), text);
        }
        assert_eq!("score,record,read,admin".parse(), Ok(Roles::ALL));
        assert_eq!(" read , score".parse::<Roles>().unwrap().to_string(), "score,read");
        assert_eq!("score,write".parse::<Roles>(), Err(UnknownRole("write".into())));
        assert!("".parse::<Roles>().is_err() && Roles::default().is_empty());
    }

    #[test]
    fn no_role_brings_another() {
        for one in Role::ALL {
            let roles: Roles = [one].into_iter().collect();
            assert!(Role::ALL.into_iter().all(|other| roles.contains(other) == (one == other)));
        }
    }
}
