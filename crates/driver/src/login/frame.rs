//! Reading the server's messages before login, each bounded, and all of them together.

use std::io;

use bytes::BytesMut;
use postgres_protocol::message::backend::{ERROR_RESPONSE_TAG, Header};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::error::ConnectError;
use crate::progress::{Progress, tag_words};
use crate::stranger;

/// The longest message before ReadyForQuery. The peer has proved nothing yet.
pub(crate) const MAX_MESSAGE: usize = 1 << 20;
/// All messages before ReadyForQuery together: a flood of small ones must not fill the memory either.
pub(crate) const MAX_STARTUP: usize = 4 << 20;

/// Room for each read. What a server usually says at login fits.
const READ: usize = 4096;

/// One message with its type and length.
#[derive(Debug)]
pub(crate) struct Frame(BytesMut);

impl Frame {
    pub(crate) fn tag(&self) -> u8 {
        self.0.first().copied().unwrap_or_default()
    }

    /// What follows the length.
    pub(crate) fn body(&self) -> &[u8] {
        self.0.get(5..).unwrap_or_default()
    }

    pub(crate) fn raw(&self) -> &[u8] {
        &self.0
    }
}

/// Cuts a stream into messages. Beyond one read it allocates only for bytes that have arrived.
#[derive(Debug, Default)]
pub(crate) struct FrameReader {
    buffer: BytesMut,
    taken: usize,
}

impl FrameReader {
    pub(crate) async fn next<S>(&mut self, stream: &mut S, progress: &Progress) -> Result<Frame, ConnectError>
    where
        S: AsyncRead + Unpin,
    {
        loop {
            if let Some(frame) = self.cut(progress)? {
                return Ok(frame);
            }
            self.buffer.reserve(READ);
            let error = match stream.read_buf(&mut self.buffer).await {
                Ok(0) => io::ErrorKind::UnexpectedEof.into(),
                Ok(_) => continue,
                Err(error) => error,
            };
            let is_silent = self.taken == 0 && self.buffer.is_empty();
            return Err(if is_silent { progress.hung_up(&error) } else { progress.lost(&error) });
        }
    }

    /// What was read behind the last message.
    pub(crate) fn into_leftover(self) -> BytesMut {
        self.buffer
    }

    fn cut(&mut self, progress: &Progress) -> Result<Option<Frame>, ConnectError> {
        if self.taken == 0
            && let Some(refusal) = stranger::refusal(&self.buffer, progress)
        {
            return Err(refusal);
        }
        let Some(declared) =
            self.buffer.get(1..5).and_then(|bytes| bytes.try_into().ok()).map(i32::from_be_bytes)
        else {
            return Ok(None);
        };
        let tag = tag_words(self.buffer.first().copied().unwrap_or_default());
        let header = Header::parse(&self.buffer).map_err(|_| {
            progress.protocol(format!("server sent a message {tag} with the impossible length {declared}"))
        })?;
        let Some(header) = header else { return Ok(None) };
        // Header::parse has refused lengths below 4, so that the conversion cannot fail.
        let length = usize::try_from(header.len()).unwrap_or(usize::MAX);
        if length > MAX_MESSAGE && self.taken == 0 && self.buffer.first() == Some(&ERROR_RESPONSE_TAG) {
            // Protocol 2.0 has text where the length belongs. A postmaster that cannot start a process uses it.
            return Err(progress
                .protocol(format!(
                    "server at {} refused the connection with an error of the old protocol",
                    progress.peer
                ))
                .with_hint("the server's log tells why; it may be out of processes or memory"));
        }
        if length > MAX_MESSAGE {
            return Err(progress.protocol(format!(
                "server sent a message {tag} of {length} bytes, the limit before login is {MAX_MESSAGE}"
            )));
        }
        let total = length + 1;
        if self.taken + total > MAX_STARTUP {
            return Err(progress.protocol(format!(
                "server sent more than {MAX_STARTUP} bytes before it was ready for queries"
            )));
        }
        if self.buffer.len() < total {
            return Ok(None);
        }
        self.taken += total;
        Ok(Some(Frame(self.buffer.split_to(total))))
    }
}

#[cfg(test)]
mod tests {
    use postgres_protocol::message::backend::{AUTHENTICATION_TAG, READY_FOR_QUERY_TAG};

    use super::*;
    use crate::error::FailureKind;

    async fn read(bytes: &[u8]) -> Result<Frame, ConnectError> {
        FrameReader::default().next(&mut &*bytes, &Progress::new("test".into())).await
    }

    #[tokio::test]
    async fn lengths_that_cannot_be_are_refused_at_the_header() {
        for length in [0u32, 1, 2, 3, 1 << 30, (1 << 31) - 1, 1 << 31, u32::MAX, (1 << 20) + 1] {
            let mut bytes = vec![AUTHENTICATION_TAG];
            bytes.extend_from_slice(&length.to_be_bytes());
            let error = read(&bytes).await.unwrap_err();
            assert_eq!(error.kind, FailureKind::Protocol, "{length}: {error}");
        }
    }

    #[tokio::test]
    async fn a_message_is_cut_with_its_type_and_body_and_the_rest_is_kept() {
        let mut reader = FrameReader::default();
        let progress = Progress::new("test".into());
        let frame = reader.next(&mut &b"Z\0\0\0\x05Irest"[..], &progress).await.unwrap();
        assert_eq!(
            (frame.tag(), frame.body(), frame.raw()),
            (READY_FOR_QUERY_TAG, &b"I"[..], &b"Z\0\0\0\x05I"[..])
        );
        assert_eq!(&reader.into_leftover()[..], b"rest");
    }

    #[tokio::test]
    async fn a_cut_message_is_a_lost_connection() {
        let error = read(b"R\0\0\0\x08\0\0").await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Io);
        assert!(error.message.contains("closed the connection"), "{error}");
    }
}
