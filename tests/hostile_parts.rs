//! Lists of parts that no honest server would send, to an upload that goes on from its checkpoint.

mod support;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ossbind::{Body, Client, UploadRequest};
use support::native::out_dir;
use support::raw_server::{RawServer, read_request};

const PART: usize = 100 * 1024;

/// A file of two parts and a folder for its checkpoint.
fn source(name: &str) -> (PathBuf, PathBuf) {
    let folder = out_dir().join(format!("hostile-parts-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("checkpoints")).unwrap();
    fs::write(folder.join("file"), vec![b'a'; PART + 1]).unwrap();
    (folder.join("file"), folder.join("checkpoints"))
}

fn upload(client: &Client, (file, checkpoints): &(PathBuf, PathBuf)) -> String {
    let mut request = UploadRequest::new("examplebucket", "key", Body::file(file));
    request.part_size = Some(PART as u64);
    request.multipart_threshold = Some(PART as u64);
    request.parallel = Some(1);
    request.checkpoint_dir = Some(checkpoints);
    client.upload(request).unwrap_err().error.message().to_owned()
}

fn part(number: usize, crc64: u64) -> String {
    format!(
        "<Part><PartNumber>{number}</PartNumber><ETag>\"1\"</ETag><Size>{PART}</Size>\
         <HashCrc64ecma>{crc64}</HashCrc64ecma></Part>"
    )
}

/// Begins uploads, refuses parts, and answers each question for a list with what `list` gives.
struct Server {
    server: RawServer,
    lists: Arc<AtomicUsize>,
    first_part: Arc<AtomicUsize>,
}

impl Server {
    fn start(list: impl Fn(usize) -> String + Send + 'static) -> Self {
        let (lists, first_part) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let (asked, sent) = (Arc::clone(&lists), Arc::clone(&first_part));
        let server = RawServer::start(move |mut stream| {
            let line = read_request(&stream).swap_remove(0);
            let (status, body) = match line.split(' ').next().unwrap() {
                "POST" => (200, "<Initiated><UploadId>1</UploadId></Initiated>".to_owned()),
                "GET" => {
                    let page = list(asked.fetch_add(1, Ordering::SeqCst));
                    (200, format!("<ListPartsResult>{page}</ListPartsResult>"))
                }
                _ => {
                    sent.fetch_add(usize::from(line.contains("partNumber=1&")), Ordering::SeqCst);
                    (403, "<Error><Code>AccessDenied</Code></Error>".to_owned())
                }
            };
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status} x\r\nx-oss-request-id: 1\r\nContent-Length: {length}\r\n\
                 Connection: close\r\n\r\n{body}"
            );
        });
        Self { server, lists, first_part }
    }
}

#[test]
fn a_part_that_is_listed_many_times_is_read_once() {
    let place = source("repeated");
    let mut crc64 = crc64fast::Digest::new();
    crc64.write(&vec![b'a'; PART]);
    let ours = crc64.sum64();
    // If it was compared with each entry, the last one would do.
    let server = Server::start(move |_| part(1, 0).repeat(999) + &part(1, ours));
    let client = server.server.client();
    upload(&client, &place);
    assert_eq!(server.first_part.load(Ordering::SeqCst), 1, "the first call sends it");
    upload(&client, &place);
    assert_eq!(
        server.first_part.load(Ordering::SeqCst),
        2,
        "the second one does not believe the list"
    );
}

#[test]
fn endless_pages_are_not_followed() {
    let place = source("endless");
    let server = Server::start(|page| part(page + 1, 0) + "<IsTruncated>true</IsTruncated>");
    let client = server.server.client();
    upload(&client, &place);
    upload(&client, &place);
    assert_eq!(server.lists.load(Ordering::SeqCst), 20);
}

#[test]
fn pages_that_bring_nothing_new_are_not_followed() {
    let place = source("same-page");
    let server = Server::start(|_| part(1, 0) + "<IsTruncated>true</IsTruncated>");
    let client = server.server.client();
    upload(&client, &place);
    upload(&client, &place);
    assert_eq!(server.lists.load(Ordering::SeqCst), 2);
}
