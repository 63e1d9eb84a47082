//! What an operator asks the running service, over HTTP on an address of its own: `GET /metrics`, `GET /healthz`, `POST /reload`.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    sync::Semaphore,
    time::{Instant, timeout, timeout_at},
};

use super::{
    listen::{Listener, Reach, Stream},
    protocol::{MAX_PACKET, Replies, steps},
    service::Service,
};

/// Requests at a time.
const AT_A_TIME: usize = 16;

/// Most bytes of the head of a request.
const MAX_HEAD: usize = 8 << 10;

/// How long a request may take to come, and a health check to be answered.
const PATIENCE: Duration = Duration::from_secs(5);

/// Answers requests for ever.
pub(super) async fn serve(listener: Listener, service: Service) {
    let rooms = Arc::new(Semaphore::new(AT_A_TIME));
    loop {
        let Ok(room) = Arc::clone(&rooms).acquire_owned().await else { return };
        match listener.accept().await {
            Ok(mut stream) => {
                let service = service.clone();
                tokio::spawn(async move {
                    if let Ok(Ok(head)) = timeout(PATIENCE, head(&stream)).await {
                        let response = respond(&head, &service).await;
                        let _ = timeout(PATIENCE, stream.write(response.as_bytes())).await;
                    }
                    drop(room);
                });
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// The head of a request.
async fn head(stream: &Stream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    loop {
        read_some(stream, &mut head).await?;
        if memchr::memmem::find(&head, b"\r\n\r\n").is_some() || head.len() > MAX_HEAD {
            return Ok(head);
        }
    }
}

async fn respond(head: &[u8], service: &Service) -> String {
    let text = String::from_utf8_lossy(head);
    let mut words = text.split_whitespace();
    let (status, kind, body) = match (words.next(), words.next()) {
        (Some("GET"), Some("/metrics")) => (200, "text/plain; version=0.0.4", service.metrics()),
        (Some("GET"), Some("/healthz")) => match service.health().await {
            Ok(()) => (200, "text/plain", "ok\n".to_owned()),
            Err(problem) => (503, "text/plain", format!("{problem}\n")),
        },
        (Some("POST"), Some("/reload")) => match service.reload().await {
            Ok(version) => (200, "text/plain", format!("policy {version} is in force\n")),
            Err(reason) => (409, "text/plain", format!("{reason}\n")),
        },
        _ => (404, "text/plain", "GET /metrics, GET /healthz or POST /reload\n".to_owned()),
    };
    let said = match status {
        200 => "OK",
        404 => "Not Found",
        409 => "Conflict",
        _ => "Service Unavailable",
    };
    format!(
        "HTTP/1.1 {status} {said}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Asks the service that is reached there to take its policy anew; its answer, or why not.
pub async fn ask_to_reload(reach: &Reach) -> io::Result<Result<String, String>> {
    let mut stream = reach.connect().await?;
    stream.write(b"POST /reload HTTP/1.1\r\nHost: presend\r\n\r\n").await?;
    let mut response = Vec::new();
    while read_some(&stream, &mut response).await.is_ok() {}
    let text = String::from_utf8_lossy(&response);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let body = body.trim_end().to_owned();
    match head.split_whitespace().nth(1) {
        Some("200") => Ok(Ok(body)),
        Some("409") => Ok(Err(body)),
        _ => Err(io::Error::other("what listens there is not the admin address of presend")),
    }
}

/// Negotiates as a mail server does.
pub(super) async fn negotiate(reach: &Reach) -> io::Result<()> {
    let late = || io::Error::new(io::ErrorKind::TimedOut, "no answer to a negotiation");
    let until = Instant::now() + PATIENCE;
    let mut stream = timeout_at(until, reach.connect()).await.map_err(|_| late())??;
    let mut asked = Replies::default();
    asked.negotiate(6, 0x1ff, steps::WANTED);
    stream.write(&asked.bytes).await?;
    let mut answer = Vec::new();
    while answer.len() < 17 && answer.len() < MAX_PACKET {
        timeout_at(until, read_some(&stream, &mut answer)).await.map_err(|_| late())??;
    }
    stream.write(b"\0\0\0\x01Q").await?;
    if answer.get(4) == Some(&b'O') { Ok(()) } else { Err(io::Error::other("no milter protocol")) }
}

/// Waits for bytes and appends them; the end is an error.
async fn read_some(stream: &Stream, into: &mut Vec<u8>) -> io::Result<()> {
    loop {
        stream.readable().await?;
        match stream.read(into) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}
