//! Arguments that JavaScript writes anew, when it is known what the types of the parameters are: an object is a document
//! or a row, an array one or many values, and a codec of the program's makes of its values what it likes.

use std::sync::Arc;

use bytes::Bytes;

use super::{Ask, Engine, Request, flight::Call, sets::Sets};
use crate::{
    param,
    record::{Record, kind, size},
    statement::{Description, Statement},
    types::Codecs,
};

impl Engine {
    /// Has the calls that are made from now on go by these codecs.
    pub fn set_codecs(&mut self, codecs: Arc<Codecs>) {
        self.codecs = codecs;
    }

    /// Those that a call goes by: a statement that was prepared for its own sake keeps what there was then.
    pub(super) fn codecs_of(&self, request: &Request) -> Arc<Codecs> {
        if request.is_plain {
            return Arc::default();
        }
        let kept = request.query.own.as_ref().and_then(|_| self.statements.codecs(&request.query));
        kept.unwrap_or(&self.codecs).clone()
    }

    /// Whether the arguments of a call have to be written anew by what the types of its parameters are.
    pub(super) fn wants_types(&self, call: &Call, statement: &Statement) -> bool {
        let parameters = &statement.description.parameters;
        if call.is_mistyped {
            return true;
        }
        if call.request.is_typed || parameters.is_empty() {
            return false;
        }
        let types = self.types.with_codecs(&call.codecs);
        if call.request.ask == Ask::Many {
            let is_structured = |oid: &u32| param::is_structured(*oid, &types);
            return parameters.iter().any(is_structured) || types.meet_codecs(parameters.iter().copied());
        }
        let mut arguments = param::Reader::new(&call.request.arguments);
        parameters.iter().any(|oid| {
            arguments.next().is_ok_and(|argument| match argument {
                param::Arg::Null => false,
                argument => param::wants_type(&argument, *oid, &types) || types.meet_codecs([*oid]),
            })
        })
    }

    /// Whether arguments are written by what is remembered of their types' attributes, and not by their types alone.
    pub(super) fn relies_on_attributes(&self, description: &Description) -> bool {
        description.parameters.iter().any(|oid| param::is_structured(*oid, &self.types))
    }

    /// The arguments of a call were refused: where they were written by remembered attributes, these are looked up once more
    /// before it runs, and it is true. Nothing is forgotten meanwhile that other calls go by.
    pub(super) fn doubt_attributes(&self, call: &mut Call, description: &Description) -> bool {
        let relies = self.relies_on_attributes(description);
        if relies {
            call.look_ups.doubted = self.types.map().parts(description.parameters.iter().copied());
        }
        relies
    }

    /// Asks JavaScript for the arguments of a call, which keeps its place in the queue until they are there.
    pub(super) fn ask_for_arguments(&mut self, mut call: Call, statement: &Statement) {
        let parameters = &statement.description.parameters;
        let words = [call.request.id, size(parameters.len())];
        let mut record = Record::new(&mut self.records, kind::ARGUMENTS_WANTED, &words);
        for type_oid in parameters {
            record.word(*type_oid);
        }
        record.finish();
        call.awaits_arguments = true;
        if let Some(sets) = &mut call.sets {
            // They come anew, all of them.
            *sets = Sets::default();
        }
        self.queue.add(call);
    }

    /// The arguments of a call that was asked for them; of one for many, its sets follow.
    pub fn arguments(&mut self, request: u32, count: u32, arguments: Bytes) {
        let Some(call) = self.queue.get_mut(request).filter(|call| call.awaits_arguments) else { return };
        call.awaits_arguments = false;
        call.request.is_typed = true;
        call.is_mistyped = false;
        call.request.argument_count = count;
        call.request.arguments = arguments;
    }
}
