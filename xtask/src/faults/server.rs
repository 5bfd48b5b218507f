//! A server that plays one fault to one client, byte by byte.

use std::io;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use flate2::{Compression, write::GzEncoder};
use ruapi_core::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::rules::YEARS;
use super::script::{Script, Turn};
use super::table::{AFTER, After, Answer, At, Body, How, Play, Target};
use crate::operations::Reply;

/// The largest answer that the clients of the cells take.
pub(crate) const MAX_BODY: usize = 256 << 10;
/// So much time passes between two bytes of a slow answer.
const DRIP: Duration = Duration::from_secs(30);

/// A server, until it is dropped.
pub(crate) struct Server {
    pub(crate) base_url: String,
    _tasks: JoinSet<()>,
}

impl Server {
    pub(crate) async fn start(script: Arc<Script>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base_url = format!("http://{}/", listener.local_addr()?);
        let elsewhere = TcpListener::bind("127.0.0.1:0").await?;
        let port = elsewhere.local_addr()?.port();
        let mut tasks = JoinSet::new();
        let noting = script.clone();
        tasks.spawn(async move {
            while elsewhere.accept().await.is_ok() {
                noting.notes().elsewhere += 1;
            }
        });
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let script = script.clone();
                connections.spawn(async move {
                    let number = {
                        let mut notes = script.notes();
                        notes.open += 1;
                        notes.connections += 1;
                        notes.connections
                    };
                    // The client may hang up at any time.
                    let connection =
                        Connection { stream, number, script: script.clone(), elsewhere: port };
                    let _ = connection.serve().await;
                    script.notes().open -= 1;
                });
            }
        });
        Ok(Self { base_url, _tasks: tasks })
    }
}

struct Connection {
    stream: TcpStream,
    number: u32,
    script: Arc<Script>,
    elsewhere: u16,
}

impl Connection {
    async fn serve(mut self) -> io::Result<()> {
        loop {
            let kept = self.script.keeps();
            let mut byte = [0];
            tokio::select! {
                length = self.stream.peek(&mut byte) => if length? == 0 { return Ok(()) },
                () = self.script.ends_idle() => return self.hang_up().await,
            }
            let Turn { is_turn, reply, target } = self.script.current();
            self.script.has_arrived(self.number, reply.counts);
            let talk = self.script.clock.talk();
            let play = if is_turn { self.script.fault.play.clone() } else { Play::Good };
            if let Play::End(at, how) = play {
                if at == At::WithinRequest {
                    self.stream.read_exact(&mut [0; 8]).await?;
                }
                if at < At::Request {
                    return self.end(talk, how).await;
                }
            }
            self.read_request().await?;
            self.script.has_read(reply.counts);
            match play {
                Play::Good => self.write(&reply, kept).await?,
                Play::End(at, how) => return self.end_within(talk, &reply, at, how).await,
                Play::Drip => return self.drip(talk, &reply).await,
                Play::Answer(answer) => self.answer(talk, reply, answer, &target).await?,
                Play::Raw(bytes) => self.stream.write_all(bytes).await?,
                Play::LongHead(length) => {
                    let head = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(length));
                    self.stream.write_all(head.as_bytes()).await?;
                }
                // The client was led to another port.
                Play::Refuse => unreachable!("nobody connects"),
            }
            if !kept {
                return self.hang_up().await;
            }
        }
    }

    /// Reads a request, its body included.
    async fn read_request(&mut self) -> io::Result<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length = length.and_then(|length| length.trim().parse().ok()).unwrap_or_default();
        self.stream.read_exact(&mut vec![0; length]).await?;
        Ok(())
    }

    async fn write(&mut self, reply: &Reply, is_kept: bool) -> io::Result<()> {
        let connection = if is_kept { "keep-alive" } else { "close" };
        let head = format!("{}connection: {connection}\r\n\r\n", head(reply));
        self.stream.write_all(&[head.as_bytes(), &reply.body].concat()).await
    }

    /// Writes a good answer up to there, and ends it.
    async fn end_within(&mut self, talk: u64, reply: &Reply, at: At, how: How) -> io::Result<()> {
        let head = format!("{}connection: close\r\n\r\n", head(reply));
        let length = match at {
            At::WithinHead => head.len() / 2,
            At::Head => head.len(),
            At::WithinBody => head.len() + reply.body.len() / 2,
            At::Body => head.len() + reply.body.len(),
            At::Arrival | At::WithinRequest | At::Request => 0,
        };
        let answer = [head.as_bytes(), &reply.body].concat();
        self.stream.write_all(&answer[..length]).await?;
        // A reset may overtake what was sent before.
        match at {
            At::Body => self.script.clock.done(talk).await,
            _ if at >= At::Head => drop(self.script.clock.came(talk, 0).await),
            _ => {}
        }
        self.end(talk, how).await
    }

    async fn end(&mut self, talk: u64, how: How) -> io::Result<()> {
        match how {
            How::Close => self.hang_up().await,
            How::Reset => self.stream.set_zero_linger(),
            How::Stall => {
                self.script.clock.stall(talk);
                self.drain().await
            }
        }
    }

    /// Closes, and waits until the client has seen it.
    async fn hang_up(&mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        self.drain().await
    }

    async fn drain(&mut self) -> io::Result<()> {
        while self.stream.read(&mut [0; 1024]).await? > 0 {}
        Ok(())
    }

    /// A byte now and then, until the client has enough of it.
    async fn drip(&mut self, talk: u64, reply: &Reply) -> io::Result<()> {
        let clock = self.script.clock.clone();
        let head = format!("{}connection: close\r\n\r\n", head(reply));
        self.stream.write_all(head.as_bytes()).await?;
        for sent in 0..reply.body.len() {
            if !clock.came(talk, sent).await {
                break;
            }
            clock.pass(DRIP);
            self.stream.write_all(&reply.body[sent..=sent]).await?;
        }
        self.drain().await
    }

    async fn answer(
        &mut self,
        talk: u64,
        good: Reply,
        answer: Answer,
        target: &str,
    ) -> io::Result<()> {
        let mut reply = good;
        let mut extra = String::new();
        match answer {
            Answer::Status(status, after) => {
                reply = Reply { status, ..html() };
                extra = self.retry_after(after);
            }
            Answer::Redirect(status, to) => {
                reply = Reply { status, ..html() };
                let place = match to {
                    Target::Itself => target.to_owned(),
                    Target::OtherPort => format!("http://127.0.0.1:{}{target}", self.elsewhere),
                    Target::OtherHost => format!("http://localhost:{}{target}", self.elsewhere),
                };
                extra = format!("location: {place}\r\n");
            }
            Answer::ContentType(content_type) => reply.content_type = content_type,
            Answer::Length(more, how) => {
                let promised = reply.body.len().saturating_add_signed(more as isize);
                reply.status = with_body(reply.status);
                let head =
                    head(&reply).replace(&length_line(reply.body.len()), &length_line(promised));
                let answer = [head.as_bytes(), b"connection: close\r\n\r\n", &reply.body].concat();
                self.stream.write_all(&answer).await?;
                self.script.clock.came(talk, 0).await;
                return self.end(talk, how).await;
            }
            Answer::Body(Body::Oversized { chunked: true }) => {
                reply.status = with_body(reply.status);
                let head = head(&reply)
                    .replace(&length_line(reply.body.len()), "transfer-encoding: chunked\r\n");
                let spaces = " ".repeat(MAX_BODY + 1);
                let body = format!("{:x}\r\n{spaces}\r\n", spaces.len());
                let last = format!("{:x}\r\n", reply.body.len());
                let parts =
                    [head.as_bytes(), b"\r\n", body.as_bytes(), last.as_bytes(), &reply.body];
                self.stream.write_all(&parts.concat()).await?;
                return self.stream.write_all(b"\r\n0\r\n\r\n").await;
            }
            Answer::Body(body) => {
                let status = with_body(reply.status);
                let good = reply.body.clone();
                let (content_type, body) = match body {
                    Body::Empty => ("application/json", Vec::new()),
                    Body::Html => ("text/html", html().body.to_vec()),
                    Body::Garbage => ("application/json", vec![0xff, 0, b'{', 0xfe, b'"', 7]),
                    Body::Oversized { .. } => {
                        ("application/json", [&[b' '].repeat(MAX_BODY + 1)[..], &good].concat())
                    }
                    Body::Gzip => {
                        extra = "content-encoding: gzip\r\n".to_owned();
                        ("application/json", GZIP.clone())
                    }
                    Body::Json(text) => ("application/json", text.into()),
                };
                reply = Reply { status, content_type, body: body.into(), ..reply };
            }
        }
        let head = format!("{}{extra}connection: close\r\n\r\n", head(&reply));
        self.stream.write_all(&[head.as_bytes(), &reply.body].concat()).await
    }

    fn retry_after(&self, after: After) -> String {
        let date = |time| httpdate::fmt_http_date(time);
        let now = self.script.clock.wall();
        let value = match after {
            After::None => return String::new(),
            After::Seconds => AFTER.as_secs().to_string(),
            After::Date => date(now + AFTER),
            After::Past => date(std::time::SystemTime::UNIX_EPOCH),
            After::Years => YEARS.as_secs().to_string(),
            After::Nonsense(text) => text.to_owned(),
        };
        format!("retry-after: {value}\r\n")
    }
}

/// Beside 204 there is no body.
fn with_body(status: u16) -> u16 {
    if status == 204 { 200 } else { status }
}

fn html() -> Reply {
    let body = "<html><body>It does not work</body></html>".into();
    Reply { counts: true, status: 200, content_type: "text/html", body }
}

fn length_line(length: usize) -> String {
    format!("content-length: {length}\r\n")
}

/// The status line and the first headers.
fn head(reply: &Reply) -> String {
    let (status, content_type) = (reply.status, reply.content_type);
    let length = if status == 204 { String::new() } else { length_line(reply.body.len()) };
    format!("HTTP/1.1 {status} Word\r\ncontent-type: {content_type}\r\n{length}")
}

static GZIP: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    io::Write::write_all(&mut encoder, &[b' '].repeat(64 * MAX_BODY)).expect("memory");
    encoder.finish().expect("memory")
});
