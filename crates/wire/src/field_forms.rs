//! How the fields of rows are read whose types come with each row: JavaScript knows each form by a number.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    form::Form,
    record::{Announce, Record, kind},
    types::SessionTypes,
};

/// The form of a field.
#[derive(Debug)]
pub struct Field {
    pub number: u32,
    pub form: Form,
}

/// The forms of fields that the rows of one shape have shown so far. There are no more than types.
pub struct FieldForms {
    shape: u32,
    types: SessionTypes,
    announce: Arc<Announce>,
    known: Mutex<HashMap<u32, Arc<Field>>>,
}

impl FieldForms {
    pub fn new(shape: u32, types: SessionTypes, announce: Arc<Announce>) -> Self {
        Self { shape, types, announce, known: Mutex::default() }
    }

    /// How fields of a type are read; `None` where that is not known yet. A new one is announced.
    pub fn find(&self, type_oid: u32) -> Option<Arc<Field>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(field) = known.get(&type_oid) {
            return Some(field.clone());
        }
        if !self.types.survey([type_oid]).unknown.is_empty() {
            return None;
        }
        let number = u32::try_from(known.len()).ok()?;
        let form = Form::of_part(type_oid, &self.types);
        let mut out = Vec::new();
        let mut record = Record::new(&mut out, kind::FIELD_FORM, &[self.shape, number]);
        form.write(&mut record);
        record.finish();
        (self.announce)(out);
        let field = Arc::new(Field { number, form });
        known.insert(type_oid, field.clone());
        Some(field)
    }
}

impl std::fmt::Debug for FieldForms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FieldForms").field("shape", &self.shape).finish_non_exhaustive()
    }
}
