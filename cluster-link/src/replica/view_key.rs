//! A view's identity as it travels between members.

use serde::{Deserialize, Serialize};

use crate::group::{NodeId, ViewId};

/// A view's identity in a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct ViewKey {
    /// [`ViewId::epoch`].
    pub epoch: u64,
    /// [`ViewId::coordinator`].
    pub coordinator: NodeId,
}

impl From<ViewId> for ViewKey {
    fn from(id: ViewId) -> Self {
        ViewKey { epoch: id.epoch, coordinator: id.coordinator }
    }
}
