//! Hears of what other replicas have written.
//!
//! Not here: reading it (`Store::since`). Kept true: a notification only wakes; whoever missed one while the connection was down
//! is woken when it is up again, and reads on from a cursor, so nothing is missed.

use std::future::poll_fn;
use std::time::Duration;

use tokio::sync::watch;
use tokio_postgres::AsyncMessage;

use super::tls::Reach;

/// The channel. Databases have channels, schemas have none: a neighbour's notification wakes us for nothing.
pub(super) const CHANNEL: &str = "dsa_signal_records";
/// Between attempts to connect.
const PAUSE: Duration = Duration::from_millis(500);

/// Listens for as long as the store lives.
pub(super) async fn listen(reach: Reach, changes: watch::Sender<u64>) {
    loop {
        let _lost = listen_once(&reach, &changes).await;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen_once(reach: &Reach, changes: &watch::Sender<u64>) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = reach.config.connect(reach.tls.clone()).await?;
    let subscribe = async {
        client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
        changes.send_modify(|version| *version += 1); // for whatever happened before
        std::future::pending::<Result<(), tokio_postgres::Error>>().await
    };
    let hear = async {
        while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
            if let AsyncMessage::Notification(_) = message? {
                changes.send_modify(|version| *version += 1);
            }
        }
        Ok(())
    };
    tokio::select! {
        ended = subscribe => ended,
        ended = hear => ended,
    }
}
