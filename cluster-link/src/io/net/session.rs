//! One session between two nodes: TCP, authenticated and encrypted by Noise.
//!
//! The node with the lower id dials. It sends a preamble in the clear (who, to whom, which cluster,
//! which version) and the first Noise message; the other answers with one byte, a reason where it
//! declines, and the second Noise message. Both ends put the preamble into Noise's prologue, so a
//! changed one opens nothing. Then each greets, and frames follow, cut into Noise's messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use snow::{Builder, StatelessTransportState};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;

use super::datagram::Tag;
use super::keys::Key;
use crate::group::NodeId;
use crate::group::link::wire::FRAME_SIZE_MAX;

const MAGIC: &[u8; 4] = b"CLNK";
/// Protocol version; nodes one apart understand each other.
pub(super) const VERSION: u16 = 1;
const PATTERN: &str = "Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s";
/// Noise's largest message, and what it adds.
const NOISE_LEN_MAX: usize = 65_535;
const NOISE_TAG_LEN: usize = 16;
const CHUNK_LEN_MAX: usize = NOISE_LEN_MAX - NOISE_TAG_LEN;
/// The largest greeting, bytes.
const GREETING_LEN_MAX: usize = 4096;

/// What both ends must agree on.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) local: NodeId,
    pub(super) cluster: String,
    pub(super) psk: Key,
    pub(super) greeting: Greeting,
}

/// The first frame of each end.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Greeting {
    pub(super) node: NodeId,
    pub(super) name: String,
    pub(super) incarnation: u64,
    /// What the sender's datagrams of this run carry.
    pub(super) tag: Tag,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub(super) enum SessionError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("the peer is not a cluster-link node")]
    Foreign,
    #[error("protocol version {0}")]
    Version(u16),
    #[error("it calls the cluster `{0}`")]
    Cluster(String),
    #[error("its authkey differs")]
    Key,
    #[error("it does not list this node")]
    Unknown,
    #[error("it declines with code {0}")]
    Declined(u8),
    #[error("it breaks the protocol")]
    Protocol,
}

impl SessionError {
    /// The answer to a dialling peer.
    fn code(&self) -> u8 {
        match self {
            Self::Version(_) => 1,
            Self::Cluster(_) => 2,
            Self::Key => 3,
            Self::Unknown => 4,
            _ => 255,
        }
    }

    fn of(code: u8) -> Self {
        match code {
            1 => Self::Version(0),
            2 => Self::Cluster(String::new()),
            3 => Self::Key,
            4 => Self::Unknown,
            other => Self::Declined(other),
        }
    }
}

impl From<snow::Error> for SessionError {
    fn from(error: snow::Error) -> Self {
        if matches!(error, snow::Error::Decrypt) { Self::Key } else { Self::Protocol }
    }
}

/// An agreed session, before the greetings are known to be the peer's.
pub(super) struct Session {
    pub(super) peer: Greeting,
    pub(super) reader: Reader,
    pub(super) writer: Writer,
}

struct Preamble {
    version: u16,
    from: NodeId,
    to: NodeId,
    cluster: String,
}

impl Preamble {
    fn bytes(&self) -> Vec<u8> {
        let name = self.cluster.as_bytes();
        let name = name.get(..255).unwrap_or(name);
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes.extend_from_slice(&self.from.to_be_bytes());
        bytes.extend_from_slice(&self.to.to_be_bytes());
        bytes.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(name);
        bytes
    }

    async fn read(stream: &mut TcpStream) -> Result<Self, SessionError> {
        let mut magic = [0; 4];
        stream.read_exact(&mut magic).await?;
        if &magic != MAGIC {
            return Err(SessionError::Foreign);
        }
        let version = stream.read_u16().await?;
        let from = stream.read_u32().await?;
        let to = stream.read_u32().await?;
        let mut name = vec![0; usize::from(stream.read_u8().await?)];
        stream.read_exact(&mut name).await?;
        let cluster = String::from_utf8_lossy(&name).into_owned();
        Ok(Self { version, from, to, cluster })
    }
}

/// Dials: `stream` is connected to `peer`.
pub(super) async fn dial(
    mut stream: TcpStream,
    terms: &Terms,
    peer: NodeId,
) -> Result<Session, SessionError> {
    stream.set_nodelay(true)?;
    let cluster = terms.cluster.clone();
    let preamble = Preamble { version: VERSION, from: terms.local, to: peer, cluster }.bytes();
    let mut noise = Builder::new(PATTERN.parse()?)
        .psk(0, &terms.psk)?
        .prologue(&preamble)?
        .build_initiator()?;
    let mut first = vec![0; 256];
    let len = noise.write_message(&[], &mut first)?;
    first.truncate(len);
    let mut opening = preamble;
    opening.extend_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes());
    opening.extend_from_slice(&first);
    stream.write_all(&opening).await?;
    match stream.read_u8().await? {
        0 => {}
        code => return Err(SessionError::of(code)),
    }
    let answer = read_short(&mut stream).await?;
    noise.read_message(&answer, &mut [0; 256])?;
    greet(stream, noise.into_stateless_transport_mode()?, terms, Some(peer)).await
}

/// Accepts a connection; `known` says which peers may dial. An error names the peer where it said
/// who it is.
pub(super) async fn accept(
    mut stream: TcpStream,
    terms: &Terms,
    known: &[NodeId],
) -> Result<Session, (Option<NodeId>, SessionError)> {
    let preamble = Preamble::read(&mut stream).await.map_err(|e| (None, e))?;
    let from = Some(preamble.from);
    match answer(&mut stream, terms, known, &preamble).await {
        Ok(transport) => greet(stream, transport, terms, from).await.map_err(|e| (from, e)),
        Err(error) => {
            let _ = stream.write_all(&[error.code()]).await;
            let _ = stream.shutdown().await;
            Err((from, error))
        }
    }
}

async fn answer(
    stream: &mut TcpStream,
    terms: &Terms,
    known: &[NodeId],
    preamble: &Preamble,
) -> Result<StatelessTransportState, SessionError> {
    stream.set_nodelay(true)?;
    let first = read_short(stream).await?;
    if preamble.version.abs_diff(VERSION) > 1 {
        return Err(SessionError::Version(preamble.version));
    }
    if preamble.cluster != terms.cluster {
        return Err(SessionError::Cluster(preamble.cluster.clone()));
    }
    if preamble.to != terms.local || !known.contains(&preamble.from) {
        return Err(SessionError::Unknown);
    }
    let mut noise = Builder::new(PATTERN.parse()?)
        .psk(0, &terms.psk)?
        .prologue(&preamble.bytes())?
        .build_responder()?;
    noise.read_message(&first, &mut [0; 256])?;
    let mut second = vec![0; 256];
    let len = noise.write_message(&[], &mut second)?;
    let mut reply = vec![0];
    reply.extend_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes());
    reply.extend_from_slice(second.get(..len).unwrap_or_default());
    stream.write_all(&reply).await?;
    Ok(noise.into_stateless_transport_mode()?)
}

/// Reads a message of the handshake: at most 256 bytes.
async fn read_short(stream: &mut TcpStream) -> Result<Vec<u8>, SessionError> {
    let len = usize::from(stream.read_u16().await?);
    if len > 256 {
        return Err(SessionError::Protocol);
    }
    let mut bytes = vec![0; len];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn greet(
    stream: TcpStream,
    transport: StatelessTransportState,
    terms: &Terms,
    expected: Option<NodeId>,
) -> Result<Session, SessionError> {
    let transport = Arc::new(transport);
    let (read, write) = stream.into_split();
    let mut reader = Reader::new(read, Arc::clone(&transport));
    let mut writer = Writer { stream: write, transport, nonce: 0, plain: Vec::new() };
    let greeting = serde_json::to_vec(&terms.greeting).map_err(|_| SessionError::Protocol)?;
    writer.push(&greeting);
    writer.flush().await?;
    let frame = reader.frame(GREETING_LEN_MAX, || {}).await?;
    let peer: Greeting = serde_json::from_slice(&frame).map_err(|_| SessionError::Protocol)?;
    if Some(peer.node) != expected {
        return Err(SessionError::Protocol);
    }
    Ok(Session { peer, reader, writer })
}

/// The receiving half.
pub(super) struct Reader {
    stream: OwnedReadHalf,
    transport: Arc<StatelessTransportState>,
    nonce: u64,
    plain: Vec<u8>,
    /// Bytes of `plain` that are used up.
    used: usize,
    sealed: Vec<u8>,
    chunk: Vec<u8>,
}

impl Reader {
    fn new(stream: OwnedReadHalf, transport: Arc<StatelessTransportState>) -> Self {
        let (sealed, chunk) = (Vec::new(), vec![0; NOISE_LEN_MAX]);
        Self { stream, transport, nonce: 0, plain: Vec::new(), used: 0, sealed, chunk }
    }

    /// Reads the next frame; `heard` is called for each authentic piece. Not cancel safe.
    pub(super) async fn frame(
        &mut self,
        len_max: usize,
        mut heard: impl FnMut(),
    ) -> Result<Vec<u8>, SessionError> {
        loop {
            let plain = self.plain.get(self.used..).unwrap_or_default();
            if let Some((len, rest)) = plain.split_first_chunk::<4>() {
                let len = usize::try_from(u32::from_be_bytes(*len)).unwrap_or(usize::MAX);
                if len > len_max {
                    return Err(SessionError::Protocol);
                }
                if let Some(frame) = rest.get(..len) {
                    let frame = frame.to_vec();
                    self.used += 4 + len;
                    return Ok(frame);
                }
            }
            self.plain.drain(..self.used);
            self.used = 0;
            self.chunk().await?;
            heard();
        }
    }

    async fn chunk(&mut self) -> Result<(), SessionError> {
        let len = usize::from(self.stream.read_u16().await?);
        self.sealed.resize(len, 0);
        self.stream.read_exact(&mut self.sealed).await?;
        let opened = self.transport.read_message(self.nonce, &self.sealed, &mut self.chunk)?;
        self.nonce += 1;
        self.plain.extend_from_slice(self.chunk.get(..opened).unwrap_or_default());
        Ok(())
    }
}

/// The sending half.
pub(super) struct Writer {
    stream: OwnedWriteHalf,
    transport: Arc<StatelessTransportState>,
    nonce: u64,
    plain: Vec<u8>,
}

impl Writer {
    fn push(&mut self, frame: &[u8]) {
        let len = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        self.plain.extend_from_slice(&len.to_be_bytes());
        self.plain.extend_from_slice(frame);
    }

    async fn flush(&mut self) -> Result<(), SessionError> {
        let mut sealed = vec![0; 2 + NOISE_LEN_MAX];
        for chunk in self.plain.chunks(CHUNK_LEN_MAX) {
            let (header, body) = sealed.split_at_mut(2);
            let len = self.transport.write_message(self.nonce, chunk, body)?;
            self.nonce += 1;
            header.copy_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes());
            self.stream.write_all(sealed.get(..2 + len).unwrap_or_default()).await?;
        }
        self.plain.clear();
        self.plain.shrink_to(4 * NOISE_LEN_MAX);
        Ok(())
    }

    /// Sends what comes until the channel closes, then ends the session in order.
    pub(super) async fn run(mut self, mut frames: mpsc::UnboundedReceiver<Frame>) {
        while let Some(frame) = frames.recv().await {
            self.push(&frame.bytes);
            drop(frame);
            // What has come meanwhile goes along in the same piece.
            while self.plain.len() < CHUNK_LEN_MAX
                && let Ok(frame) = frames.try_recv()
            {
                self.push(&frame.bytes);
            }
            if self.flush().await.is_err() {
                return;
            }
        }
        let _ = self.stream.shutdown().await;
    }
}

/// A frame that waits to be sent, counted while it does.
pub(super) struct Frame {
    bytes: Arc<[u8]>,
    queued: Arc<AtomicUsize>,
}

impl Frame {
    pub(super) fn new(bytes: Arc<[u8]>, queued: &Arc<AtomicUsize>) -> Self {
        queued.fetch_add(bytes.len(), Ordering::Relaxed);
        Self { bytes, queued: Arc::clone(queued) }
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.queued.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

/// The largest frame that a session carries.
pub(super) const SESSION_FRAME_MAX: usize = FRAME_SIZE_MAX;
