//! A connection that can be cut after an exact number of bytes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Says how much of an answer may still leave on a connection. The connection and the requests
/// that came over it share one.
#[derive(Debug)]
pub(crate) struct Valve {
    left: AtomicUsize,
    reset: AtomicBool,
}

/// As many bytes as there are.
const OPEN: usize = usize::MAX;

impl Valve {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(OPEN), reset: AtomicBool::new(false) })
    }

    /// Forgets a cut that the previous answer was too short for.
    pub(crate) fn open(&self) {
        self.left.store(OPEN, Ordering::Release);
    }

    /// Lets `bytes` more out, then ends the connection: with RST if `reset`, else with FIN.
    pub(crate) fn cut_after(&self, bytes: usize, reset: bool) {
        self.reset.store(reset, Ordering::Release);
        self.left.store(bytes, Ordering::Release);
    }

    fn left(&self) -> usize {
        self.left.load(Ordering::Acquire)
    }

    fn wrote(&self, bytes: usize) {
        let left = self.left();
        if left != OPEN {
            self.left.store(left - bytes, Ordering::Release);
        }
    }
}

/// A TCP stream that obeys its valve.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    valve: Arc<Valve>,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, valve: Arc<Valve>) -> Self {
        Self { stream, valve }
    }

    /// The error that makes the HTTP layer drop the connection, once the valve is shut.
    fn check(&mut self) -> io::Result<()> {
        if self.valve.left() > 0 {
            return Ok(());
        }
        if self.valve.reset.load(Ordering::Acquire) {
            #[allow(deprecated, reason = "only a linger above zero blocks on drop")]
            self.stream.set_linger(Some(Duration::ZERO))?;
        }
        Err(io::Error::new(io::ErrorKind::ConnectionAborted, "cut by a fault"))
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        let allowed = bytes.len().min(self.valve.left());
        let written = Pin::new(&mut self.stream).poll_write(context, &bytes[..allowed]);
        if let Poll::Ready(Ok(count)) = &written {
            self.valve.wrote(*count);
        }
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.valve.left() == OPEN {
            return Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        }
        let first = slices.iter().find(|slice| !slice.is_empty());
        self.poll_write(context, first.map_or(&[], |slice| slice))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Here, and not only in the next write: a cut after the last byte still ends the connection.
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
