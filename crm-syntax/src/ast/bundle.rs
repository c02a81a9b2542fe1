//! `bundle ID CONTAINER … [network …] [storage …] [primitive RSC] [meta …]`

use super::{AttrSet, Pair};

/// A container resource.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bundle {
    /// The id.
    pub id: String,
    /// `description=`
    pub description: Option<String>,
    /// The parts in order.
    pub items: Vec<BundleItem>,
}

/// One part of a bundle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BundleItem {
    /// `docker`, `podman`, `rkt`, `network` or `storage`
    Container(Container),
    /// `primitive RSC`
    Primitive(String),
    /// `meta` (and `params`, which only a CIB may hold)
    Set(AttrSet),
}

/// A part that is an element with attributes and mappings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Container {
    /// The element's name.
    pub tag: String,
    /// The element's own attributes.
    pub pairs: Vec<Pair>,
    /// The `port-mapping` or `storage-mapping` elements: name and attributes.
    pub mappings: Vec<(String, Vec<Pair>)>,
}
