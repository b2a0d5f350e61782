//! Streams against a real server: order, bad items, slow readers, deadlines, callers who go away.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use dsa_signal::grpc::MessageLimits;
use dsa_signal::grpc::v1::scoring_service_client::ScoringServiceClient;
use dsa_signal::wire::v1;
use dsa_signal::wire::v1::stream_score_listings_response::Result as ItemResult;
use support::{Options, TestServer, is_the_answer, listing, post};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request};
use tonic_types::StatusExt;

fn item(at: usize) -> v1::StreamScoreListingsRequest {
    v1::StreamScoreListingsRequest { correlation_id: format!("c-{at}"), listing: Some(listing(at)) }
}

fn bad_item(at: usize) -> v1::StreamScoreListingsRequest {
    let listing = match at % 300 {
        50 => None,
        150 => Some(v1::Listing { title: "x".repeat(2000), ..listing(at) }),
        _ => Some(v1::Listing { listing_id: String::new(), gtin: "12".into(), ..listing(at) }),
    };
    v1::StreamScoreListingsRequest { correlation_id: format!("c-{at}"), listing }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_items_with_one_percent_bad_ones_give_exactly_a_hundred_errors_in_order() {
    let server = TestServer::start().await;
    let items = (0..10_000).map(|at| if at % 100 == 50 { bad_item(at) } else { item(at) });
    let answers = server.scoring().await.stream_score_listings(tokio_stream::iter(items)).await.unwrap();
    let mut answers = answers.into_inner();
    let (mut count, mut errors) = (0, 0);
    while let Some(answer) = answers.next().await {
        let answer = answer.unwrap();
        assert_eq!(answer.correlation_id, format!("c-{count}"));
        match answer.result.unwrap() {
            ItemResult::Assessment(assessment) => {
                assert!(is_the_answer(&assessment));
                assert_eq!(assessment.subject.unwrap().id, format!("l-{count}"));
            }
            ItemResult::Error(error) => {
                assert_eq!((count % 100, error.code), (50, Code::InvalidArgument as i32));
                errors += 1;
            }
        }
        count += 1;
    }
    assert_eq!((count, errors), (10_000, 100));
}

#[tokio::test]
async fn posts_stream_too_and_long_texts_keep_their_place_in_the_order() {
    let server = TestServer::start().await;
    let items = (0..60).map(|at| v1::StreamScorePostsRequest {
        correlation_id: at.to_string(),
        // Every fifth goes through the pool.
        post: Some(v1::Post { text: "Look at my new chair. ".repeat(if at % 5 == 0 { 2000 } else { 1 }), ..post(at) }),
    });
    let answers = server.scoring().await.stream_score_posts(tokio_stream::iter(items)).await.unwrap().into_inner();
    let ids: Vec<_> = answers.map(|answer| answer.unwrap().correlation_id).collect().await;
    assert_eq!(ids, (0..60).map(|at| at.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_correlation_id_comes_back_as_sent_even_when_it_is_too_long() {
    let server = TestServer::start().await;
    let long = "é".repeat(200);
    let items = vec![v1::StreamScoreListingsRequest { correlation_id: long.clone(), ..item(1) }, item(2)];
    let answers = server.scoring().await.stream_score_listings(tokio_stream::iter(items)).await.unwrap().into_inner();
    let answers: Vec<_> = answers.map(Result::unwrap).collect().await;
    assert_eq!(answers[0].correlation_id, long);
    let Some(ItemResult::Error(error)) = &answers[0].result else { panic!("{:?}", answers[0]) };
    assert!(error.message.contains("correlation_id is 400 bytes; at most 256"), "{}", error.message);
    assert!(matches!(answers[1].result, Some(ItemResult::Assessment(_))));
}

#[tokio::test]
async fn an_answer_comes_before_the_next_item_is_sent() {
    let server = TestServer::start().await;
    let (send, items) = mpsc::channel(1);
    let mut client = server.scoring().await;
    send.send(item(0)).await.unwrap();
    let mut answers = client.stream_score_listings(ReceiverStream::new(items)).await.unwrap().into_inner();
    for at in 0..20 {
        assert_eq!(answers.next().await.unwrap().unwrap().correlation_id, format!("c-{at}"));
        send.send(item(at + 1)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_does_not_read_stops_the_sender_and_nothing_piles_up() {
    let server = TestServer::start().await;
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    const ITEMS: usize = 30_000;
    let items = (0..ITEMS).map(move |at| {
        counted.fetch_add(1, Ordering::Relaxed);
        item(at)
    });
    let mut client = server.scoring().await;
    let mut answers = client.stream_score_listings(tokio_stream::iter(items)).await.unwrap().into_inner();
    // Nobody reads: wait until the sender has stood still for a while.
    let mut before = 0;
    let stuck = loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = sent.load(Ordering::Relaxed);
        if now == before {
            break now;
        }
        before = now;
    };
    // What the windows of both ends hold is about 1 KB an item and some 4 MiB; 30 MB were on offer.
    assert!(stuck > 100 && stuck < 15_000, "{stuck}");
    let mut count = 0;
    while let Some(answer) = answers.next().await {
        assert_eq!(answer.unwrap().correlation_id, format!("c-{count}"));
        count += 1;
    }
    assert_eq!(count, ITEMS, "reading again loses nothing");
}

#[tokio::test]
async fn a_stream_ends_at_its_deadline_and_says_so() {
    let server = TestServer::start().await;
    let (send, items) = mpsc::channel(4);
    let mut request = Request::new(ReceiverStream::new(items));
    request.set_timeout(Duration::from_millis(300));
    let begun = Instant::now();
    send.send(item(0)).await.unwrap();
    let mut answers = server.scoring().await.stream_score_listings(request).await.unwrap().into_inner();
    assert!(answers.next().await.unwrap().is_ok());
    let error = answers.next().await.unwrap().unwrap_err();
    assert_eq!(error.code(), Code::DeadlineExceeded);
    assert_eq!(error.get_error_details().error_info().unwrap().reason, "DEADLINE_EXCEEDED");
    let waited = begun.elapsed();
    assert!(waited > Duration::from_millis(250) && waited < Duration::from_secs(2), "{waited:?}");
    assert!(answers.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_ends_a_stream_that_never_pauses() {
    let server = TestServer::start().await;
    let mut scored = 0;
    // Many deadlines: one in a hundred passes within a chunk, and what follows in it must not be answered as a fault of an item.
    for milliseconds in (10..40).cycle().take(400) {
        let mut request = Request::new(tokio_stream::iter((0_usize..).map(item)));
        request.set_timeout(Duration::from_millis(milliseconds));
        // A client whose call has not begun in time gives it up by its own clock.
        let Ok(answers) = server.scoring().await.stream_score_listings(request).await else { continue };
        let mut answers = answers.into_inner();
        let error = loop {
            match answers.next().await.unwrap() {
                Ok(answer) => {
                    assert!(matches!(answer.result, Some(ItemResult::Assessment(_))), "{answer:?}");
                    scored += 1;
                }
                Err(error) => break error,
            }
        };
        assert_eq!(error.code(), Code::DeadlineExceeded);
    }
    assert!(scored > 0);
}

#[tokio::test]
async fn an_oversized_item_ends_the_stream_after_the_answers_before_it() {
    let limits = MessageLimits { message: 64 << 10, batch: 1 << 20 };
    let server = TestServer::start_with(Options { limits, ..Options::default() }).await;
    let large = v1::Listing { description: "x".repeat(70 << 10), ..listing(2) };
    let items = vec![item(0), item(1), v1::StreamScoreListingsRequest { listing: Some(large), ..item(2) }, item(3)];
    let mut client = server.scoring().await;
    let mut answers = client.stream_score_listings(tokio_stream::iter(items)).await.unwrap().into_inner();
    assert!(answers.next().await.unwrap().is_ok());
    assert!(answers.next().await.unwrap().is_ok());
    let error = answers.next().await.unwrap().unwrap_err();
    assert_eq!(error.code(), Code::ResourceExhausted);
    assert_eq!(error.get_error_details().error_info().unwrap().reason, "TOO_LARGE");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_goes_away_leaves_nothing_behind() {
    let server = TestServer::start().await;
    drop(server.channel().await); // now the server is up, with all the shares it keeps
    tokio::time::sleep(Duration::from_millis(50)).await;
    let before = Arc::strong_count(&server.policy);
    let (address, policy) = (server.address, Arc::clone(&server.policy));
    let caller = std::thread::spawn(move || {
        // A runtime of its own, dropped with its sockets in the middle of the stream.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (send, items) = mpsc::channel(4);
            send.send(item(0)).await.unwrap();
            let mut client = ScoringServiceClient::connect(format!("http://{address}")).await.unwrap();
            let mut answers = client.stream_score_listings(ReceiverStream::new(items)).await.unwrap().into_inner();
            assert!(answers.next().await.unwrap().is_ok());
            assert!(Arc::strong_count(&policy) > before + 1, "a stream under way holds its share");
        });
    });
    caller.join().unwrap();
    let begun = Instant::now();
    while Arc::strong_count(&server.policy) > before {
        assert!(begun.elapsed() < Duration::from_secs(5), "the stream is still held");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Every item in a DATA frame of its own, as clients send that write one item at a time.
fn one_frame_each(count: usize, sent: Arc<AtomicUsize>) -> ReceiverStream<v1::StreamScorePostsRequest> {
    let (send, items) = mpsc::channel(1);
    tokio::spawn(async move {
        for at in 0..count {
            let post = v1::Post { post_id: "p".into(), creator_id: "c".into(), ..Default::default() };
            let item = v1::StreamScorePostsRequest { correlation_id: at.to_string(), post: Some(post) };
            if send.send(item).await.is_err() {
                return;
            }
            sent.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    ReceiverStream::new(items)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tiny_frames_that_pile_up_neither_end_the_connection_nor_block_its_other_calls() {
    let server = TestServer::start().await;
    let mut client = server.scoring().await;
    const ITEMS: usize = 30_000;
    let sent = Arc::new(AtomicUsize::new(0));
    let items = one_frame_each(ITEMS, Arc::clone(&sent));
    let mut answers = client.stream_score_posts(items).await.unwrap().into_inner();
    let mut before = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = sent.load(Ordering::Relaxed);
        if now == before {
            break;
        }
        before = now;
    }
    assert!(before < ITEMS, "the sender was never stopped");
    let request = v1::ScorePostRequest { post: Some(post(1)) };
    let other = tokio::time::timeout(Duration::from_secs(5), client.score_post(request)).await;
    assert!(other.is_ok_and(|answer| answer.is_ok()), "a stalled stream must not block its connection");
    let mut count = 0;
    while let Some(answer) = answers.next().await {
        assert_eq!(answer.unwrap().correlation_id, count.to_string());
        count += 1;
    }
    assert_eq!(count, ITEMS);
}
