//! `reload`: throughput by the second while the default pack is changed on disk and loaded again and again.
//!
//! Not here: what a change of the pack may change (tests of `app/reload`). Kept true: the same load without reloads comes first, so that the machine's own bad
//! seconds are known; every reload is seen in the service's metrics, or it is told that there was none.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::super::drive::Load;
use super::super::measure::{Meter, MiB, Tally, Watch};
use super::super::options::Options;
use super::super::server::Server;
use super::super::{corpus, encode};
use super::{CALLERS, SECOND, show};

/// Between changes.
const EVERY: Duration = Duration::from_secs(5);

pub(crate) async fn run(options: &Options) {
    let folder = TempDir::new().unwrap();
    let pack = folder.path().join("pack");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/default"), &pack);
    let listings = corpus::listings(options.bytes.unwrap_or(1000), true);
    let requests = std::sync::Arc::new(encode::requests(&listings));
    let real = Server::real(options, &["--policy", pack.to_str().unwrap()]);
    let load = Load::new(real.address, options.connections, &requests).await;
    let callers = options.in_flight.unwrap_or(CALLERS);
    load.closed(callers, SECOND, SECOND).await; // warm

    let time = options.time(40);
    let meter = Meter::start(&real);
    let still = load.closed(callers, time / 2, SECOND).await;
    show("still", &real, &still, meter.stop(&real));
    worst("without reloads", &still, time / 2);

    let before = loads(&real);
    let watch = Watch::start(real.pid, real.resident(), Duration::from_millis(100));
    let changing = tokio::spawn(change(pack.join("pack.yaml"), EVERY));
    let meter = Meter::start(&real);
    let moved = load.closed(callers, time, SECOND).await;
    show("reloads", &real, &moved, meter.stop(&real));
    changing.abort();
    worst("with reloads", &moved, time);
    let (start, most, _) = watch.end();
    println!(
        "{} reloads seen; RSS {} at first, {} at most, {} at the end",
        loads(&real) - before,
        MiB(start),
        MiB(most),
        MiB(real.resident())
    );
}

/// How many loads of a pack the service has counted.
pub(crate) fn loads(server: &Server) -> u64 {
    let (_, page) = server.served.as_ref().unwrap().page("/metrics");
    let series = "dsasignal_reloads_total{what=\"policy\",outcome=\"changed\"} ";
    page.lines().find_map(|line| line.strip_prefix(series)).map_or(0, |count| count.parse().unwrap())
}

/// Changes the pack every few seconds, by a remark at its end: another digest, another load, the same answers.
pub(crate) async fn change(file: std::path::PathBuf, every: Duration) {
    let text = std::fs::read_to_string(&file).unwrap();
    for round in 0.. {
        tokio::time::sleep(every).await;
        super::super::process::replace(&file, format!("{text}# change {round}\n"));
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &name),
            false => std::fs::write(name, std::fs::read(path).unwrap()).unwrap(),
        }
    }
}

fn worst(what: &str, tally: &Tally, time: Duration) {
    // The last window is not a whole one.
    let whole = &tally.windows[..tally.windows.len().min(time.as_secs() as usize)];
    let mean = whole.iter().sum::<u64>() as f64 / whole.len() as f64;
    let worst = *whole.iter().min().unwrap() as f64;
    println!(
        "{what}: {} windows of 1 s, mean {mean:.0}, worst {worst:.0}: {:.1} % of the mean",
        whole.len(),
        100.0 * worst / mean
    );
    println!("  {whole:?}");
}
