//! How much a client may have scored, and how often an address may be wrong.
//!
//! Not here: who a client is (`access/`). Kept true: a client has one quota over all its connections; who is not named by a credential is
//! counted by address; what is remembered of clients is forgotten when they have been quiet.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::connection::ConnectionState;
use super::edge::QuotaRate;
use super::incoming::network;
use super::status;
use crate::access::Client;
use crate::domain::ServiceError;

/// How often memory of quiet clients is cleared.
pub(super) const SWEEP: Duration = Duration::from_secs(30);
/// Tokens that nobody knows, by address: each costs a signature check.
const WRONG_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
const WRONG_AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

/// Whose quota.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Client(Arc<str>),
    Address(IpAddr),
    /// Not on a connection: tests of layers.
    Nobody,
}

/// All quotas.
#[derive(Debug)]
pub(super) struct Quotas {
    items: Option<DefaultKeyedRateLimiter<Whose>>,
    wrong: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

/// The quota of one call's client.
#[derive(Clone, Debug)]
pub(super) struct Allowance {
    quotas: Arc<Quotas>,
    whose: Whose,
}

impl Quotas {
    /// With a rate for items, or without.
    pub(super) fn new(rate: Option<QuotaRate>) -> Arc<Quotas> {
        let quota = |per_second, burst| Quota::per_second(per_second).allow_burst(burst);
        Arc::new(Quotas {
            items: rate.map(|rate| RateLimiter::keyed(quota(rate.per_second, rate.burst))),
            wrong: RateLimiter::keyed(quota(WRONG_PER_SECOND, WRONG_AT_ONCE)),
            clock: DefaultClock::default(),
        })
    }

    /// Of a call; `None` if there are no quotas.
    pub(super) fn of(
        self: &Arc<Self>,
        client: Option<&Client>,
        connection: Option<&ConnectionState>,
    ) -> Option<Allowance> {
        self.items.as_ref()?;
        let whose = match (client, connection) {
            (Some(client), _) => Whose::Client(Arc::clone(&client.name)),
            (None, Some(connection)) => Whose::Address(network(connection.address)),
            (None, None) => Whose::Nobody,
        };
        Some(Allowance { quotas: Arc::clone(self), whose })
    }

    /// False if too many tokens of this address were nobody's. Asking counts; `Quotas::was_right` cannot take it back, so the bound leaves room.
    pub(super) fn may_try(&self, connection: Option<&ConnectionState>) -> bool {
        connection.is_none_or(|connection| self.wrong.check_key(&network(connection.address)).is_ok())
    }

    /// Forgets who has been quiet.
    pub(super) fn sweep(&self) {
        if let Some(items) = &self.items {
            items.retain_recent();
        }
        self.wrong.retain_recent();
    }
}

impl Allowance {
    /// Takes items out of the quota, all or none.
    pub(super) fn take(&self, items: usize) -> Result<(), ServiceError> {
        let Some(limiter) = &self.quotas.items else { return Ok(()) };
        let Some(items) = u32::try_from(items).ok().and_then(NonZeroU32::new) else { return Ok(()) };
        match limiter.check_key_n(&self.whose, items) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => Err(status::over_quota(not_until.wait_time_from(self.quotas.clock.now()))),
            // More than the burst can ever hold.
            Err(_) => Err(status::beyond_quota()),
        }
    }

    /// Of a call, as the guard noted it.
    pub(super) fn of_call<T>(request: &tonic::Request<T>) -> Option<Allowance> {
        request.extensions().get::<Allowance>().cloned()
    }
}

/// Takes items out of a quota if there is one.
pub(super) fn take(allowance: Option<&Allowance>, items: usize) -> Result<(), ServiceError> {
    allowance.map_or(Ok(()), |allowance| allowance.take(items))
}

/// Waits until items fit into a quota, for streams that are read as fast as we like: whoever sends waits too.
pub(super) async fn wait(allowance: Option<&Allowance>, items: usize) {
    let Some(allowance) = allowance else { return };
    for _ in 0..items {
        while let Err(over) = allowance.take(1) {
            // One item always fits some time.
            tokio::time::sleep(over.retry_after.unwrap_or(SWEEP)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Roles;
    use crate::domain::ErrorCode;

    fn rate(per_second: u32, burst: u32) -> Option<QuotaRate> {
        Some(QuotaRate { per_second: NonZeroU32::new(per_second)?, burst: NonZeroU32::new(burst)? })
    }

    #[test]
    fn each_client_has_its_own_and_learns_when_to_come_back() {
        let quotas = Quotas::new(rate(10, 5));
        let client = |name: &str| Client { name: name.into(), roles: Roles::ALL };
        let of = |name| quotas.of(Some(&client(name)), None).unwrap();
        of("a").take(4).unwrap();
        let refused = of("a").take(3).unwrap_err();
        assert_eq!(refused.code, ErrorCode::QuotaExceeded);
        let wait = refused.retry_after.unwrap();
        assert!(wait > Duration::ZERO && wait < Duration::from_millis(250), "{wait:?}");
        of("a").take(1).unwrap();
        of("b").take(5).unwrap();
        assert_eq!(of("b").take(6).unwrap_err().retry_after, None, "it will never be allowed");
        of("b").take(0).unwrap();
        quotas.sweep();
        assert!(of("b").take(5).is_err(), "a sweep forgets nobody who has just called");
    }

    #[test]
    fn without_quotas_nothing_is_counted() {
        assert!(Quotas::new(None).of(None, None).is_none());
        assert!(take(None, usize::MAX).is_ok());
    }

    #[test]
    fn an_address_may_be_wrong_a_hundred_times_and_then_slowly() {
        let quotas = Quotas::new(None);
        let connection = ConnectionState::new(IpAddr::from([192, 0, 2, 1]), Vec::new());
        let allowed = (0..1000).filter(|_| quotas.may_try(Some(&connection))).count();
        assert!((100..200).contains(&allowed), "{allowed}");
        let other = ConnectionState::new(IpAddr::from([192, 0, 2, 2]), Vec::new());
        assert!(quotas.may_try(Some(&other)));
    }
}
