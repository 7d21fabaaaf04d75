//! Bind: the arguments of a statement, and the formats of what it returns.

use std::sync::Arc;

use bytes::BufMut;

use super::{
    Engine,
    unsent::{check_length, interface, wrong_count},
};
use crate::{
    failure::Failure,
    frontend_tag, param,
    statement::{Description, Statement},
    types::Codecs,
};

impl Engine {
    /// Bind of a portal: parameter formats as encoded, result formats as the shape wants them.
    pub(super) fn write_bind(
        &mut self,
        arguments: &[u8],
        argument_count: u32,
        statement: &Statement,
        portal: &str,
        codecs: &Arc<Codecs>,
    ) -> Result<(), Failure> {
        let Description { parameters, shape, .. } = &*statement.description;
        let expected = parameters.len();
        if usize::try_from(argument_count) != Ok(expected) {
            return Err(wrong_count(expected, argument_count));
        }
        let own = (!codecs.is_empty()).then(|| self.types.with_codecs(codecs));
        let types = own.as_ref().unwrap_or(&self.types);
        let out = self.output.composing();
        let start = out.len();
        out.put_u8(frontend_tag::BIND);
        out.put_i32(0);
        out.put_slice(portal.as_bytes());
        out.put_u8(0);
        out.put_slice(statement.name.as_bytes());
        out.put_u8(0);
        let count = u16::try_from(expected).unwrap_or(u16::MAX);
        out.put_u16(count);
        let formats = out.len();
        out.put_bytes(0, expected * 2);
        out.put_u16(count);
        let mut reader = param::Reader::new(arguments);
        let damaged = || interface("the arguments reached the driver damaged", None);
        for (index, type_oid) in parameters.iter().enumerate() {
            let argument = reader.next().map_err(|_| damaged())?;
            // Before it is copied.
            check_length(out.len() - start - 1 + argument.length(), "at least ")?;
            let format = param::encode(&argument, *type_oid, types, out)
                .map_err(|refusal| refused(index, &argument, &refusal))?;
            if format == param::Format::Binary
                && let Some(place) = out.get_mut(formats + index * 2 + 1)
            {
                *place = 1;
            }
        }
        if !reader.is_empty() {
            return Err(damaged());
        }
        match shape {
            Some(shape) => out.put_slice(&shape.formats),
            None => out.put_u16(0),
        }
        let length = out.len() - start - 1;
        check_length(length, "")?;
        let length = i32::try_from(length).unwrap_or(i32::MAX);
        if let Some(place) = out.get_mut(start + 1..start + 5) {
            place.copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }
}

fn refused(index: usize, argument: &param::Arg<'_>, refusal: &param::Refusal) -> Failure {
    Failure::Data {
        message: refusal.message(index, argument),
        argument: u32::try_from(index + 1).unwrap_or(u32::MAX),
        hint: refusal.hint(index),
        is_unsupported: refusal.is_unsupported,
    }
}
