//! The root value: a tree that is a CIB, its sections, its version, and look-up by id.
//!
//! **Source:** pacemaker `lib/common/cib.c` (sections), `lib/cib/cib_utils.c`, `createEmptyCib()`.
//! **Invariant:** reading and writing lose nothing; what is unknown here stays in the tree.

use std::hash::BuildHasher as _;
use std::sync::OnceLock;

use rustc_hash::FxBuildHasher;

use crate::names;
use crate::version::CibVersion;
use crate::xml::{self, Dialect, ElementRef, Layout, ReadError, Tree, XmlId};

/// Schema of a CIB made by [`Cib::empty`]: every Pacemaker since 2.1.3 reads it.
pub const SCHEMA: &str = "pacemaker-3.9";
/// Feature set of a CIB made by [`Cib::empty`]: every Pacemaker since 2.1.5 accepts it.
pub const FEATURE_SET: &str = "3.16.1";

/// A section of the CIB: the parts that operations, tools and access rules name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Section {
    /// All of the configuration.
    Configuration,
    /// Cluster properties.
    CrmConfig,
    /// Nodes with their attributes.
    Nodes,
    /// Resources and templates.
    Resources,
    /// Constraints.
    Constraints,
    /// Defaults of resource meta-attributes.
    RscDefaults,
    /// Defaults of operation attributes.
    OpDefaults,
    /// Fencing levels.
    FencingTopology,
    /// Tags.
    Tags,
    /// Access control lists.
    Acls,
    /// Alerts.
    Alerts,
    /// Node states, history and tickets: never on disk.
    Status,
}

impl Section {
    /// All sections; parents first, then in the order of the schema.
    pub const ALL: [Section; 12] = [
        Section::Configuration,
        Section::CrmConfig,
        Section::Nodes,
        Section::Resources,
        Section::Constraints,
        Section::RscDefaults,
        Section::OpDefaults,
        Section::FencingTopology,
        Section::Tags,
        Section::Acls,
        Section::Alerts,
        Section::Status,
    ];

    /// Returns the element's name.
    pub const fn name(self) -> &'static str {
        match self {
            Section::Configuration => names::CONFIGURATION,
            Section::CrmConfig => names::CRM_CONFIG,
            Section::Nodes => names::NODES,
            Section::Resources => names::RESOURCES,
            Section::Constraints => names::CONSTRAINTS,
            Section::RscDefaults => names::RSC_DEFAULTS,
            Section::OpDefaults => names::OP_DEFAULTS,
            Section::FencingTopology => names::FENCING_TOPOLOGY,
            Section::Tags => names::TAGS,
            Section::Acls => names::ACLS,
            Section::Alerts => names::ALERTS,
            Section::Status => names::STATUS,
        }
    }

    /// Returns the section whose element is called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.name() == name)
    }

    /// Returns true where the section lies below `<configuration>`.
    pub const fn is_in_configuration(self) -> bool {
        !matches!(self, Section::Configuration | Section::Status)
    }
}

/// A CIB: one tree whose root is `<cib>`.
#[derive(Clone, Debug)]
pub struct Cib {
    tree: Tree,
    /// Made by the first look-up by id, dropped by every access for writing.
    ids: OnceLock<Vec<(u64, XmlId)>>,
}

impl Cib {
    /// Reads a CIB from XML text.
    ///
    /// # Errors
    /// [`ReadError`] where the text is not well-formed XML or its root is not `<cib>`.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        let tree = xml::read(text)?;
        Self::from_tree(tree).map_err(|tree| ReadError {
            offset: 0,
            message: format!("the root element is <{}>, not <cib>", tree.root().name()),
        })
    }

    /// Takes a tree whose root is `<cib>`.
    ///
    /// # Errors
    /// Gives the tree back where its root has another name.
    #[expect(clippy::result_large_err, reason = "what was given comes back")]
    pub fn from_tree(tree: Tree) -> Result<Self, Tree> {
        if tree.root().name() == names::CIB {
            Ok(Cib { tree, ids: OnceLock::new() })
        } else {
            Err(tree)
        }
    }

    /// Makes an empty CIB of version 0.0.0 with the sections every Pacemaker expects.
    pub fn empty() -> Self {
        Self::empty_with(FEATURE_SET, SCHEMA)
    }

    /// Makes an empty CIB of version 0.0.0 for a feature set (`3.16.1`) and a schema
    /// (`pacemaker-3.9`).
    pub fn empty_with(feature_set: &str, schema: &str) -> Self {
        let mut tree = Tree::new(names::CIB);
        let root = tree.root_id();
        tree.set_attr(root, names::CRM_FEATURE_SET, feature_set);
        tree.set_attr(root, names::VALIDATE_WITH, schema);
        for (name, number) in CibVersion::default().attrs() {
            tree.set_attr(root, name, number.to_string());
        }
        let configuration = tree.append(root, names::CONFIGURATION);
        for section in
            [Section::CrmConfig, Section::Nodes, Section::Resources, Section::Constraints]
        {
            tree.append(configuration, section.name());
        }
        tree.append(root, names::STATUS);
        Cib { tree, ids: OnceLock::new() }
    }

    /// Returns the tree.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Returns the tree for writing.
    pub fn tree_mut(&mut self) -> &mut Tree {
        self.ids.take();
        &mut self.tree
    }

    /// Gives the tree away.
    pub fn into_tree(self) -> Tree {
        self.tree
    }

    /// Returns the `<cib>` element.
    pub fn root(&self) -> ElementRef<'_> {
        self.tree.root()
    }

    /// Returns a section's element; the first where several stand.
    pub fn section(&self, section: Section) -> Option<ElementRef<'_>> {
        let root = self.root();
        if section.is_in_configuration() {
            root.child(names::CONFIGURATION)?.child(section.name())
        } else {
            root.child(section.name())
        }
    }

    /// Returns a section's element id, making the section (and `<configuration>`) where missing.
    /// A new section goes last in its parent, `<configuration>` before everything else.
    pub fn ensure_section(&mut self, section: Section) -> XmlId {
        if let Some(found) = self.section(section) {
            return found.xml_id();
        }
        let root = self.tree.root_id();
        let tree = self.tree_mut();
        if section == Section::Configuration {
            return tree.insert(root, 0, names::CONFIGURATION);
        }
        let parent = if section.is_in_configuration() {
            self.ensure_section(Section::Configuration)
        } else {
            root
        };
        self.tree_mut().append(parent, section.name())
    }

    /// Returns the version; a missing or unreadable number counts as 0.
    pub fn version(&self) -> CibVersion {
        CibVersion::of(self.root())
    }

    /// Sets the three version attributes.
    pub fn set_version(&mut self, version: CibVersion) {
        let root = self.tree.root_id();
        for (name, number) in version.attrs() {
            // The ids did not change: the index stays.
            self.tree.set_attr(root, name, number.to_string());
        }
    }

    /// Returns the schema named by `validate-with`.
    pub fn schema(&self) -> Option<&str> {
        self.root().attr(names::VALIDATE_WITH)
    }

    /// Returns `crm_feature_set`.
    pub fn feature_set(&self) -> Option<&str> {
        self.root().attr(names::CRM_FEATURE_SET)
    }

    /// Writes the whole CIB, without an XML declaration.
    pub fn write(&self, layout: Layout, dialect: Dialect) -> String {
        xml::write(&self.tree, layout, dialect)
    }

    /// Writes the whole CIB, without an XML declaration, with another version than it has where one is
    /// given, and hands the text out in pieces: neither a copy of the CIB nor its text as a whole is
    /// made.
    pub fn write_in_pieces(
        &self,
        version: Option<CibVersion>,
        layout: Layout,
        dialect: Dialect,
        take: &mut dyn FnMut(&str),
    ) {
        let attrs = version.into_iter().flat_map(CibVersion::attrs);
        let attrs: Vec<_> = attrs.map(|(name, number)| (name, number.to_string())).collect();
        xml::write_in_pieces(&self.tree, &attrs, layout, dialect, take);
    }

    /// Returns the configuration's element with this id (the first in document order).
    ///
    /// Elements whose `id` is a reference to another object (`resource_ref`, `obj_ref`, a role
    /// inside an ACL target) are not found, nor is anything in the status. The first call
    /// builds an index; calls after it take a binary search.
    pub fn find(&self, id: &str) -> Option<ElementRef<'_>> {
        self.find_all(id).next()
    }

    /// Returns every element of the configuration that defines an id, in document order.
    pub fn definitions(&self) -> impl Iterator<Item = ElementRef<'_>> {
        self.configuration()
            .into_iter()
            .flat_map(ElementRef::descendants)
            .filter(|element| element.id().is_some() && !is_reference(*element))
    }

    /// Follows `id-ref`: returns the element of the same name with that id, the element itself
    /// where it refers to nothing, and `None` where what it refers to is missing.
    pub fn resolve<'a>(&'a self, element: ElementRef<'a>) -> Option<ElementRef<'a>> {
        let Some(reference) = element.attr(names::ID_REF) else { return Some(element) };
        self.find_all(reference).find(|found| found.name() == element.name())
    }

    /// Returns the elements of the configuration with this id, in document order, the first of each
    /// name, of 100 names at most: one, or a node or user beside another; more only in a CIB the
    /// schema refuses.
    pub fn find_all<'a>(&'a self, id: &str) -> impl Iterator<Item = ElementRef<'a>> {
        let ids = self.ids.get_or_init(|| self.ids_by_hash());
        let hash = hash_of(id);
        let first = ids.partition_point(|(other, at)| {
            *other < hash || (*other == hash && self.id_at(*at) < id)
        });
        let same_hash = ids.iter().skip(first).take_while(move |(other, _)| *other == hash);
        let found = same_hash.filter_map(|(_, at)| self.tree.element(*at));
        found.take_while(move |element| element.id() == Some(id))
    }

    /// Numbers are sorted an order of magnitude faster than the ids themselves.
    fn ids_by_hash(&self) -> Vec<(u64, XmlId)> {
        let ids = self.definitions().map(|e| (hash_of(e.id().unwrap_or_default()), e.xml_id()));
        let mut sorted = Vec::with_capacity(self.tree.len());
        sorted.extend(ids);
        // Stable: equal ids stay in document order.
        sorted.sort_by_key(|(hash, _)| *hash);
        for same in sorted.chunk_by_mut(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            same.sort_by_key(|(_, at)| self.id_at(*at));
        }
        // Whoever asks for one name shall not look through a thousand others.
        let mut before = None;
        let mut kept: Vec<XmlId> = Vec::new();
        let name = |at: XmlId| self.tree.element(at).map(ElementRef::name);
        sorted.retain(|(hash, at)| {
            let is_same = |(other, place)| other == *hash && self.id_at(place) == self.id_at(*at);
            if !before.replace((*hash, *at)).is_some_and(is_same) {
                kept.clear();
            }
            let is_kept = kept.is_empty()
                || (kept.len() < NAMESAKES_MAX
                    && kept.iter().all(|other| name(*other) != name(*at)));
            kept.extend(is_kept.then_some(*at));
            is_kept
        });
        sorted
    }

    fn id_at(&self, at: XmlId) -> &str {
        self.tree.element(at).and_then(ElementRef::id).unwrap_or_default()
    }
}

macro_rules! section_getters {
    ($($getter:ident = $section:ident;)*) => {
        /// The sections by name; `None` where the CIB has no such element.
        impl Cib {
            $(
                #[doc = concat!("Returns the section [`Section::", stringify!($section), "`].")]
                pub fn $getter(&self) -> Option<ElementRef<'_>> {
                    self.section(Section::$section)
                }
            )*
        }
    };
}

section_getters! {
    configuration = Configuration;
    crm_config = CrmConfig;
    nodes = Nodes;
    resources = Resources;
    constraints = Constraints;
    rsc_defaults = RscDefaults;
    op_defaults = OpDefaults;
    fencing_topology = FencingTopology;
    tags = Tags;
    acls = Acls;
    alerts = Alerts;
    status = Status;
}

/// Elements of one id that are told apart, each of another name; schemas have fewer names.
const NAMESAKES_MAX: usize = 100;

fn hash_of(id: &str) -> u64 {
    FxBuildHasher.hash_one(id)
}

/// Returns true where the element's `id` names another object instead of defining one.
pub(crate) fn is_reference(element: ElementRef<'_>) -> bool {
    match element.name() {
        names::RESOURCE_REF | names::OBJ_REF | names::ROLE_REF => true,
        names::ROLE => element.parent().is_some_and(|p| {
            matches!(p.name(), names::ACL_TARGET | names::ACL_GROUP | names::ACL_USER)
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Cib, Section};
    use crate::version::CibVersion;
    use crate::xml::{Dialect, Layout};

    #[test]
    fn an_empty_cib_has_the_sections_of_pacemaker() {
        let expected = r#"<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" admin_epoch="0" epoch="0" num_updates="0"><configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>"#;
        assert_eq!(Cib::empty().write(Layout::Compact, Dialect::Pcmk3), expected);
    }

    #[test]
    fn sections_are_made_where_missing() {
        let mut cib = Cib::read("<cib><status/></cib>").unwrap();
        assert!(cib.tags().is_none());
        cib.ensure_section(Section::Tags);
        cib.ensure_section(Section::Resources);
        let again = cib.ensure_section(Section::Tags);
        assert_eq!(cib.tags().unwrap().xml_id(), again);
        assert_eq!(
            cib.write(Layout::Compact, Dialect::Pcmk3),
            "<cib><configuration><tags/><resources/></configuration><status/></cib>"
        );
    }

    #[test]
    fn versions_are_read_and_set() {
        let mut cib = Cib::read(r#"<cib epoch="7" num_updates="x"/>"#).unwrap();
        assert_eq!(cib.version(), CibVersion::new(0, 7, 0));
        cib.set_version(CibVersion::new(1, 2, 3));
        assert_eq!(cib.version(), CibVersion::new(1, 2, 3));
    }

    #[test]
    fn pieces_are_the_text_of_the_cib_with_the_version() {
        let mut cib = Cib::read(r#"<cib epoch="7" x="&lt;"><configuration/></cib>"#).unwrap();
        let configuration = cib.configuration().unwrap().xml_id();
        for number in 0..10_000 {
            let made = cib.tree_mut().append(configuration, "tag");
            cib.tree_mut().set_attr(made, "id", format!("t{number}"));
        }
        let version = CibVersion::new(1, 8, 0);
        let mut pieces: Vec<String> = Vec::new();
        let mut take = |piece: &str| pieces.push(piece.to_owned());
        cib.write_in_pieces(Some(version), Layout::Pretty, Dialect::Pcmk3, &mut take);
        cib.set_version(version);
        assert!(pieces.len() > 3);
        assert_eq!(pieces.concat(), cib.write(Layout::Pretty, Dialect::Pcmk3));
    }

    #[test]
    fn only_a_cib_is_a_cib() {
        let error = Cib::read("<resources/>").unwrap_err();
        assert_eq!(error.message, "the root element is <resources>, not <cib>");
    }

    #[test]
    fn look_up_by_id_finds_definitions_only() {
        let mut cib = Cib::read(
            r#"<cib><configuration>
              <resources><primitive id="a"/><group id="g"><primitive id="b"/></group></resources>
              <constraints><rsc_order id="o"><resource_set id="s"><resource_ref id="c"/></resource_set></rsc_order></constraints>
              <tags><tag id="t"><obj_ref id="x"/></tag></tags>
            </configuration><status><node_state id="n1"/></status></cib>"#,
        )
        .unwrap();
        assert_eq!(cib.find("b").unwrap().parent().unwrap().id(), Some("g"));
        assert_eq!(cib.find("s").unwrap().name(), "resource_set");
        for absent in ["c", "x", "n1", "zz", ""] {
            assert!(cib.find(absent).is_none(), "{absent}");
        }
        let g = cib.find("g").unwrap().xml_id();
        let p = cib.tree_mut().append(g, "primitive");
        cib.tree_mut().set_attr(p, "id", "c");
        assert_eq!(cib.find("c").unwrap().name(), "primitive");
    }
}
