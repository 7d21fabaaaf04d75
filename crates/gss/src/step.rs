//! What a library gives its exchange.

/// What one step of the exchange gave.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// To be sent to the server unless empty. Never empty while the exchange goes on.
    pub token: Vec<u8>,
    /// The exchange is over and the server has proved that it holds the service's key.
    pub complete: bool,
}
