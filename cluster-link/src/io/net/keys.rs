//! Keys of one cluster: all are derived from its authkey.
//!
//! The authkey is corosync's file of that name (`corosync-keygen` makes it). Each use and each
//! direction has a key of its own, and the cluster's name goes into all of them.

use hkdf::Hkdf;
use sha2::Sha256;

use crate::group::NodeId;

/// Shorter keys are refused, bytes.
pub(super) const AUTHKEY_LEN_MIN: usize = 32;

/// A key of 256 bits.
pub(super) type Key = [u8; 32];

/// Derives keys.
#[derive(Clone)]
pub(super) struct Keys {
    hkdf: Hkdf<Sha256>,
    cluster: Vec<u8>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Without an authkey everybody can derive the keys: nothing is authenticated.
    pub(super) fn new(authkey: Option<&[u8]>, cluster: &str) -> Self {
        let hkdf = Hkdf::new(Some(b"cluster-link 1"), authkey.unwrap_or(b"no authkey"));
        Self { hkdf, cluster: cluster.as_bytes().to_vec() }
    }

    /// The pre-shared key of sessions.
    pub(super) fn session(&self) -> Key {
        self.derive(b"session", &[])
    }

    /// The key of datagrams from one node to another.
    pub(super) fn heartbeat(&self, from: NodeId, to: NodeId) -> Key {
        self.derive(b"heartbeat", &[from.to_be_bytes(), to.to_be_bytes()].concat())
    }

    fn derive(&self, purpose: &[u8], context: &[u8]) -> Key {
        let length = u32::try_from(self.cluster.len()).unwrap_or(u32::MAX).to_be_bytes();
        let mut key = Key::default();
        let info = [purpose, &[0], &length, &self.cluster, context];
        // HKDF-SHA256 gives up to 8160 bytes; 32 cannot fail.
        let _ = self.hkdf.expand_multi_info(&info, &mut key);
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_use_direction_cluster_and_authkey_has_its_own_key() {
        let (a, b) = ([1; 32], [2; 32]);
        let keys = Keys::new(Some(&a), "one");
        let all = [
            keys.session(),
            keys.heartbeat(1, 2),
            keys.heartbeat(2, 1),
            Keys::new(Some(&a), "two").session(),
            Keys::new(Some(&b), "one").session(),
            Keys::new(None, "one").session(),
        ];
        for (i, key) in all.iter().enumerate() {
            assert!(!all[..i].contains(key) && *key != Key::default(), "key {i}");
        }
        assert_eq!(Keys::new(Some(&a), "one").heartbeat(1, 2), keys.heartbeat(1, 2));
    }
}
