//! The CIB that a tool works on: where the environment says, with the rights of a user.
//!
//! **Source:** pacemaker `lib/cib/cib_client.c`, `cib_file.c`; `lib/common/results.c` for the codes.

use std::path::Path;

use cib_model::Cib;
use cib_model::acl::{Access, Subject, applies};
use cib_model::operation::{self, Author, Operation, OperationError, Outcome, Target};
use cib_model::xml::Dialect;
use cluster_link::client::ClientError;
use cluster_link::protocol::Refusal;
use cluster_link::replica::apply::ApplyError;

use super::reply::Stop;
use crate::backend::{Backend, BackendError, Change, Place, Shadows, open};
use crate::exit::Exit;

/// Where shadow CIBs are, unless the environment says otherwise.
pub(super) const SHADOW_FOLDER: &str = "/var/lib/pacemaker/cib";

/// How often a change is begun again because somebody else was faster. Each time at least one of
/// those who change the CIB has got through.
const TRIES: usize = 100;

/// How a tool begins its sentences.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sentences {
    /// Where nobody answers.
    pub(super) unreachable: &'static str,
    /// Where what was asked failed.
    pub(super) failed: &'static str,
}

/// The CIB a tool works on.
pub(super) struct CibPlace {
    backend: Box<dyn Backend>,
    subject: Subject,
    sentences: Sentences,
}

impl CibPlace {
    /// Opens what the environment names, for `user`, else for the one that `CIB_user` names, else
    /// with all rights. Nothing is read yet.
    pub(super) fn open(user: Option<&str>, sentences: Sentences) -> CibPlace {
        CibPlace::at(&Place::Environment, user, sentences)
    }

    /// As [`CibPlace::open`], for a place of one's own choice.
    pub(super) fn at(place: &Place, user: Option<&str>, sentences: Sentences) -> CibPlace {
        let backend = open(place, &Shadows::new(SHADOW_FOLDER));
        let user = user.map(str::to_owned).or_else(|| std::env::var("CIB_user").ok());
        let user = user.unwrap_or_default();
        let groups = crate::ui::groups::of(&user);
        CibPlace { backend, subject: Subject { user, groups }, sentences }
    }

    /// Returns whose rights count.
    pub(super) fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Returns true where changes reach a running cluster at once.
    pub(super) fn is_cluster(&self) -> bool {
        self.backend.is_cluster()
    }

    /// Returns the socket of our own daemon, where that is the place.
    pub(super) fn socket(&self) -> Option<&Path> {
        self.backend.socket()
    }

    /// Reads the whole CIB, whatever the user may see of it.
    pub(super) fn query_all(&self) -> Result<Cib, Stop> {
        self.backend.query().map_err(|error| self.unreachable(&error))
    }

    /// Reads what the user may see of the CIB.
    pub(super) fn query(&self) -> Result<Cib, Stop> {
        self.seen(self.query_all()?)
    }

    /// Returns what the user may see of a CIB.
    ///
    /// # Errors
    /// That is nothing.
    pub(super) fn seen(&self, cib: Cib) -> Result<Cib, Stop> {
        if !applies(&cib, &self.subject.user) {
            return Ok(cib);
        }
        let seen = Access::of(&cib, &self.subject).filtered(&cib);
        seen.ok_or_else(|| self.forbidden())
    }

    /// Changes the CIB by `edit`, which performs operations on what it is given. Where somebody else
    /// has changed the CIB meanwhile, `edit` is asked again.
    ///
    /// # Errors
    /// That of `edit`, or the place did not take the change; then nothing has changed.
    pub(super) fn change<T>(
        &self,
        mut edit: impl FnMut(&mut Cib, &Author<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        for _ in 0..TRIES {
            let base = self.query_all()?;
            let access =
                applies(&base, &self.subject.user).then(|| Access::of(&base, &self.subject));
            let author = Author { access: access.as_ref(), ..Author::default() };
            let mut wanted = base.clone();
            let outcome = edit(&mut wanted, &author)?;
            match self.backend.commit(&Change::exact(&base, &wanted)) {
                Ok(()) => return Ok(outcome),
                Err(BackendError::Conflict { .. }) => {}
                Err(BackendError::Refused(refused)) if refused.is_denied() => {
                    return Err(self.forbidden());
                }
                Err(error) => return Err(Stop::new(Exit::FAILED, error.to_string())),
            }
        }
        Err(self.failed(Exit::OLD, "Update was older than existing configuration"))
    }

    /// Performs an operation on what [`CibPlace::change`] gives.
    ///
    /// # Errors
    /// As [`CibPlace::refused`] tells them.
    pub(super) fn perform(
        &self,
        cib: &mut Cib,
        author: &Author<'_>,
        operation: Operation<'_>,
        target: Target<'_>,
    ) -> Result<Outcome, Stop> {
        let done = operation::perform(cib, operation, target, author, Dialect::Pcmk3);
        done.map_err(|error| self.refused(&error))
    }

    /// A refused operation, with what stands in its way.
    pub(super) fn refused(&self, error: &OperationError) -> Stop {
        self.failed(exit_of(error), &words_of(error))
    }

    /// What the daemon has not done.
    pub(super) fn not_done(&self, error: &ClientError) -> Stop {
        match exit_of_client(error) {
            Exit::NO_PERMISSION => self.forbidden(),
            exit => self.failed(exit, &error.to_string()),
        }
    }

    /// A failure in the tool's sentence.
    pub(super) fn failed(&self, exit: Exit, why: &str) -> Stop {
        Stop::new(exit, format!("{}: {why}", self.sentences.failed))
    }

    /// The user may not do it.
    pub(super) fn forbidden(&self) -> Stop {
        self.failed(Exit::NO_PERMISSION, "Permission denied")
    }

    /// What is named does not exist.
    pub(super) fn absent(&self) -> Stop {
        self.failed(Exit::NO_SUCH, "No such device or address")
    }

    fn unreachable(&self, error: &BackendError) -> Stop {
        let (exit, why) = match error {
            BackendError::Refused(refused) if refused.is_denied() => return self.forbidden(),
            BackendError::Unreachable(_) => {
                (Exit::DISCONNECTED, "Transport endpoint is not connected")
            }
            BackendError::File { .. } => (Exit::NO_SUCH, "No such device or address"),
            _ => (Exit::CONFIG, "Could not parse on-disk configuration"),
        };
        Stop::new(exit, format!("{}: {why}", self.sentences.unreachable))
    }
}

/// Returns what is said of a refused operation: the error, and below it what exactly is wrong. Who may
/// not do it is told no more, as that could tell what may not be read.
pub(super) fn words_of(error: &OperationError) -> String {
    let mut words = vec![error.to_string()];
    if !matches!(error, OperationError::Denied(_)) {
        words.extend(error.reasons());
    }
    words.join("\n")
}

/// Returns the exit code of what the daemon has not done.
pub(super) fn exit_of_client(error: &ClientError) -> Exit {
    match error {
        ClientError::Refused(
            Refusal::NotPermitted | Refusal::NotPrivileged | Refusal::Cib(ApplyError::Denied(_)),
        ) => Exit::NO_PERMISSION,
        ClientError::Refused(Refusal::NoSuchNode(_)) => Exit::NO_SUCH,
        ClientError::Refused(_) => Exit::FAILED,
        _ => Exit::DISCONNECTED,
    }
}

/// Returns the exit code of a refused operation.
pub(super) fn exit_of(error: &OperationError) -> Exit {
    Exit::from_code(u8::try_from(error.exit_code()).unwrap_or(1))
}
