//! Logs in to a PostgreSQL server by Kerberos and prints what was exchanged, for finding out why a login fails without
//! the rest of the driver around it. In plain text only: the server must not insist on TLS.
//!
//! ```sh
//! cargo run -p cornac-gss --example login -- db.example.com:5432 db.example.com alice [service]
//! ```

#![allow(clippy::print_stdout, reason = "a program for the command line")]

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;

use cornac_gss::{Context, Library};

const AUTHENTICATION_OK: u32 = 0;
const AUTHENTICATION_GSS: u32 = 7;
const AUTHENTICATION_GSS_CONTINUE: u32 = 8;
const PROTOCOL_3_0: u32 = 3 << 16;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, host, user, service @ ..] = arguments.as_slice() else {
        return Err("usage: login ADDRESS:PORT HOST USER [SERVICE]".into());
    };
    let service = service.first().map_or("postgres", String::as_str);
    let mut socket = TcpStream::connect(address)?;
    let parameters = format!("user\0{user}\0database\0postgres\0\0");
    send(&mut socket, None, &[PROTOCOL_3_0.to_be_bytes().as_slice(), parameters.as_bytes()].concat())?;

    let mut context = None;
    let mut complete = false;
    loop {
        let (kind, body) = receive(&mut socket)?;
        let (b'R', Some((code, token))) = (kind, body.split_first_chunk()) else {
            return Err(
                format!("the server said {}", String::from_utf8_lossy(&body).replace('\0', " ")).into()
            );
        };
        let code = u32::from_be_bytes(*code);
        println!("server: authentication {code}, {} bytes", token.len());
        let step = match (code, &mut context) {
            (AUTHENTICATION_GSS, none @ None) => {
                none.insert(Context::new(Library::Gssapi, service, host)?).step(&[])?
            }
            (AUTHENTICATION_GSS_CONTINUE, Some(context)) => context.step(token)?,
            (AUTHENTICATION_OK, Some(_)) if complete => break,
            _ => return Err(format!("authentication {code} is out of place").into()),
        };
        println!("client: {} bytes, complete: {}", step.token.len(), step.complete);
        complete = step.complete;
        if !step.token.is_empty() {
            send(&mut socket, Some(b'p'), &step.token)?;
        }
    }
    println!("logged in as {user}");
    send(&mut socket, Some(b'X'), &[])?;
    Ok(())
}

fn send(socket: &mut TcpStream, kind: Option<u8>, body: &[u8]) -> Result<(), Box<dyn Error>> {
    let length = u32::try_from(body.len() + 4)?;
    let frame: Vec<u8> = kind.into_iter().chain(length.to_be_bytes()).chain(body.iter().copied()).collect();
    socket.write_all(&frame)?;
    Ok(())
}

fn receive(socket: &mut TcpStream) -> Result<(u8, Vec<u8>), Box<dyn Error>> {
    let mut head = [0; 5];
    socket.read_exact(&mut head)?;
    let [kind, length @ ..] = head;
    let length = usize::try_from(u32::from_be_bytes(length))?.saturating_sub(4);
    let mut body = Vec::new();
    socket.take(u64::try_from(length)?).read_to_end(&mut body)?;
    Ok((kind, body))
}
