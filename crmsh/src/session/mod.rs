//! The CIB being edited: what was read, what was changed since, and bringing it in.
//!
//! Reading is put off until somebody asks; copying until somebody changes something.

pub mod attributes;
pub mod diff;

use std::collections::HashSet;
use std::ffi::OsStr;
use std::process::Command;

use cib_model::Cib;
use cib_model::xml::ElementRef;
use crm_syntax::{EditIndex, ObjectEntry};

use crate::backend::{self, Backend, BackendError, Change, Method, Place, Shadows};
use crate::exit::Failure;

/// One editing session.
pub struct Session {
    place: Place,
    shadows: Shadows,
    backend: Option<Box<dyn Backend>>,
    base: Option<Cib>,
    /// The text that `base` was read from, where there is one.
    base_text: Option<String>,
    working: Option<Cib>,
    /// Ids of the objects in the order in which they came, once somebody asked for it.
    order: Vec<String>,
    /// What the language's editor knows of `working`; gone as soon as somebody else may write.
    index: Option<EditIndex>,
}

impl Session {
    /// Makes a session that has read nothing yet.
    pub fn new(shadows: Shadows) -> Session {
        Session {
            place: Place::default(),
            shadows,
            backend: None,
            base: None,
            base_text: None,
            working: None,
            order: Vec::new(),
            index: None,
        }
    }

    /// Returns the folder of shadow CIBs.
    pub fn shadows(&self) -> &Shadows {
        &self.shadows
    }

    /// Returns a program that works on the same place, ready to run.
    pub fn program(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        self.place.hand_on(&self.shadows, &mut command);
        command
    }

    /// Returns true where it works on what the environment names.
    pub fn goes_by_environment(&self) -> bool {
        self.place == Place::Environment
    }

    /// Returns the place it works on.
    pub fn backend(&mut self) -> &dyn Backend {
        let (place, shadows) = (&self.place, &self.shadows);
        &**self.backend.get_or_insert_with(|| backend::open(place, shadows))
    }

    /// Returns the name of the shadow CIB it works on, or `live`.
    pub fn cib_name(&mut self) -> String {
        self.backend().name().to_owned()
    }

    /// Goes to another place. Pending changes are dropped: ask first.
    pub fn go_to(&mut self, place: Place) {
        self.place = place;
        self.backend = None;
        self.forget();
    }

    /// Drops pending changes and what was read.
    pub fn forget(&mut self) {
        self.base = None;
        self.base_text = None;
        self.drop_changes();
        self.order.clear();
    }

    /// Notes which objects are new since the last call.
    pub fn note_order(&mut self) {
        let Some(cib) = self.known() else { return };
        let mut present: Vec<String> = crm_syntax::list(cib).into_iter().map(|o| o.id).collect();
        let mut order = std::mem::take(&mut self.order);
        let kept: HashSet<&str> = present.iter().map(String::as_str).collect();
        order.retain(|id| kept.contains(id.as_str()));
        let known: HashSet<&str> = order.iter().map(String::as_str).collect();
        present.retain(|id| !known.contains(id.as_str()));
        order.append(&mut present);
        self.order = order;
    }

    /// Returns the ids of the objects in the order in which they came.
    pub fn order(&self) -> &[String] {
        &self.order
    }

    /// Drops pending changes.
    pub fn drop_changes(&mut self) {
        self.working = None;
        self.index = None;
    }

    /// Forgets the pending CIB where nothing in it differs from what was read.
    pub fn drop_if_unchanged(&mut self) {
        if let (Some(base), Some(working)) = (&self.base, &self.working)
            && base.root().same_as(working.root())
        {
            self.drop_changes();
        }
    }

    /// Reads the CIB, if that has not been done.
    pub fn load(&mut self) -> Result<(), BackendError> {
        if self.base.is_none() {
            let (cib, text) = self.backend().query_text()?;
            (self.base, self.base_text) = (Some(cib), text);
        }
        Ok(())
    }

    /// Reads the CIB for editing. A file that does not exist yet, and that a commit would make, is
    /// an empty CIB; then its path is returned.
    pub fn load_or_begin(&mut self) -> Result<Option<String>, BackendError> {
        match self.load() {
            Err(error) => match error.missing_file() {
                Some(path) if self.backend().makes_missing() => {
                    self.base = Some(Cib::empty());
                    Ok(Some(path.to_owned()))
                }
                _ => Err(error),
            },
            Ok(()) => Ok(None),
        }
    }

    /// Returns the CIB with the pending changes in it.
    pub fn cib(&mut self) -> Result<&Cib, BackendError> {
        self.load()?;
        match (&self.working, &self.base) {
            (Some(cib), _) | (None, Some(cib)) => Ok(cib),
            (None, None) => Err(BackendError::Unreachable("No CIB!".to_owned())),
        }
    }

    /// Returns the CIB for changing; what is changed is pending from now on.
    pub fn cib_mut(&mut self) -> Result<&mut Cib, BackendError> {
        self.index = None;
        let copy = match self.working.take() {
            Some(cib) => cib,
            None => self.cib()?.clone(),
        };
        Ok(self.working.insert(copy))
    }

    /// Returns the CIB for changing with the language's editor, and what that knew of it when
    /// [`Session::keep_index`] was called; a thousand statements in a row cost a thousand times
    /// one then.
    pub fn cib_to_edit(&mut self) -> Result<(&mut Cib, Option<EditIndex>), BackendError> {
        let index = self.index.take();
        Ok((self.cib_mut()?, index))
    }

    /// Keeps what the editor knows of the CIB that [`Session::cib_to_edit`] gave out.
    pub fn keep_index(&mut self, index: EditIndex) {
        self.index = Some(index);
    }

    /// Returns the CIB as it was read.
    pub fn base(&mut self) -> Result<&Cib, BackendError> {
        self.load()?;
        self.base.as_ref().ok_or_else(|| BackendError::Unreachable("No CIB!".to_owned()))
    }

    /// Returns what is in memory, without reading anything.
    pub fn known(&self) -> Option<&Cib> {
        self.working.as_ref().or(self.base.as_ref())
    }

    /// Returns true where changes are pending.
    pub fn has_changes(&self) -> bool {
        self.working.is_some()
    }

    /// Runs an edit; where it fails, the CIB is as it was before.
    pub fn edit<T, E>(
        &mut self,
        change: impl FnOnce(&mut Cib) -> Result<T, E>,
    ) -> Result<Result<T, E>, BackendError> {
        let mut copy = self.cib()?.clone();
        let outcome = change(&mut copy);
        if outcome.is_ok() {
            self.index = None;
            self.working = Some(copy);
        }
        Ok(outcome)
    }

    /// Returns the ids of the objects that are not as they were read.
    pub fn touched(&mut self) -> Result<HashSet<String>, BackendError> {
        self.load()?;
        let (Some(base), Some(cib)) = (&self.base, &self.working) else {
            return Ok(HashSet::new());
        };
        let differs = |entry: &ObjectEntry| {
            let now = cib.tree().element(entry.at);
            let is_same = |before: ElementRef<'_>| now.is_some_and(|now| now.same_as(before));
            // A copy keeps its places, so an object mostly stands where it stood.
            let before = base.tree().element(entry.at);
            !before.is_some_and(is_same) && !base.find_all(&entry.id).any(is_same)
        };
        Ok(crm_syntax::list(cib).into_iter().filter(differs).map(|entry| entry.id).collect())
    }

    /// Writes the pending changes. Where that fails they stay pending.
    pub(crate) fn write(&mut self, method: Method, force: bool) -> Result<(), BackendError> {
        self.load()?;
        self.backend();
        let (Some(base), Some(wanted), Some(backend)) = (&self.base, &self.working, &self.backend)
        else {
            return Ok(());
        };
        if !base.root().same_as(wanted.root()) {
            let base_text = self.base_text.as_deref();
            backend.commit(&Change { base, base_text, wanted, method, force })?;
        }
        self.forget();
        Ok(())
    }
}

/// Makes a command's failure of a place's error.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn told(error: BackendError) -> Failure {
    Failure::plain(error.to_string())
}
