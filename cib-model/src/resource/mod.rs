//! Resources: primitives, groups, clones, bundles, and templates.
//!
//! ```
//! use cib_model::Cib;
//! use cib_model::resource::Resource;
//!
//! let cib = Cib::read(
//!     r#"<cib><configuration><resources><group id="g">
//!          <primitive id="a" class="ocf" provider="heartbeat" type="Dummy"><operations>
//!            <op id="o" name="monitor" interval="10s"/></operations></primitive>
//!        </group></resources></configuration></cib>"#,
//! )?;
//! let Some(Resource::Primitive(a)) = cib.resource("a") else { panic!() };
//! assert_eq!(a.agent(&cib).unwrap().to_string(), "ocf:heartbeat:Dummy");
//! assert_eq!(a.operations(&cib).next().unwrap().interval_ms(), 10_000);
//! assert_eq!(cib.resource("a").unwrap().top().id(), "g");
//! # Ok::<(), cib_model::xml::ReadError>(())
//! ```
//!
//! Reading order: [`primitive`], [`operation`], [`template`], [`group`], [`clone`], [`bundle`].

pub mod bundle;
pub mod clone;
pub mod group;
pub mod operation;
pub mod primitive;
pub mod template;

pub use bundle::Bundle;
pub use clone::Clone;
pub use group::Group;
pub use operation::Operation;
pub use primitive::{Agent, Primitive};
pub use template::Template;

use crate::cib::Cib;
use crate::xml::ElementRef;

/// A resource of any kind.
#[derive(Clone, Copy, Debug)]
pub enum Resource<'a> {
    /// One service.
    Primitive(Primitive<'a>),
    /// Members that start in order on one node.
    Group(Group<'a>),
    /// Several instances of a primitive or group.
    Clone(Clone<'a>),
    /// A container with replicas.
    Bundle(Bundle<'a>),
}

impl<'a> Resource<'a> {
    /// Takes the element; `None` where it is no resource (templates are none).
    pub fn cast(element: ElementRef<'a>) -> Option<Self> {
        None.or_else(|| Primitive::cast(element).map(Resource::Primitive))
            .or_else(|| Group::cast(element).map(Resource::Group))
            .or_else(|| Clone::cast(element).map(Resource::Clone))
            .or_else(|| Bundle::cast(element).map(Resource::Bundle))
    }

    /// Returns the element.
    pub fn element(self) -> ElementRef<'a> {
        match self {
            Resource::Primitive(rsc) => rsc.element(),
            Resource::Group(rsc) => rsc.element(),
            Resource::Clone(rsc) => rsc.element(),
            Resource::Bundle(rsc) => rsc.element(),
        }
    }

    /// Returns the id; empty where the attribute is missing.
    pub fn id(self) -> &'a str {
        self.element().id().unwrap_or_default()
    }

    /// Returns the resources directly inside, in document order: members of a group, what a clone
    /// or bundle holds, nothing for a primitive.
    pub fn members(self) -> impl DoubleEndedIterator<Item = Resource<'a>> {
        let inside = !matches!(self, Resource::Primitive(_));
        self.element().children().filter(move |_| inside).filter_map(Resource::cast)
    }

    /// Returns the resource that holds this one.
    pub fn parent(self) -> Option<Resource<'a>> {
        Resource::cast(self.element().parent()?)
    }

    #[must_use]
    /// Returns the outermost resource that holds this one, or itself.
    pub fn top(self) -> Resource<'a> {
        std::iter::successors(Some(self), |rsc| rsc.parent()).last().unwrap_or(self)
    }

    /// Returns this resource and all inside it, in document order.
    pub fn with_members(self) -> impl Iterator<Item = Resource<'a>> {
        self.element().descendants().filter_map(Resource::cast)
    }
}

impl Cib {
    #[must_use]
    /// Returns the outermost resources in document order.
    pub fn top_resources(&self) -> impl DoubleEndedIterator<Item = Resource<'_>> {
        self.resources().into_iter().flat_map(|s| s.children().filter_map(Resource::cast))
    }

    /// Returns all resources, holders before what they hold.
    pub fn all_resources(&self) -> impl Iterator<Item = Resource<'_>> {
        self.top_resources().flat_map(Resource::with_members)
    }

    /// Returns the resource called `id`.
    pub fn resource(&self, id: &str) -> Option<Resource<'_>> {
        self.find_all(id).find_map(Resource::cast)
    }

    /// Returns the templates in document order.
    pub fn templates(&self) -> impl DoubleEndedIterator<Item = Template<'_>> {
        self.resources().into_iter().flat_map(|s| s.children().filter_map(Template::cast))
    }

    /// Returns the template called `id`.
    pub fn template(&self, id: &str) -> Option<Template<'_>> {
        self.find_all(id).find_map(Template::cast)
    }
}

#[cfg(test)]
mod tests {
    use crate::Cib;

    #[test]
    fn resources_nest() {
        let cib = Cib::read(
            r#"<cib><configuration><resources>
            <template id="t" class="ocf" provider="heartbeat" type="IPaddr2"/>
            <clone id="c"><group id="g"><primitive id="a" template="t"/><primitive id="b" class="lsb" type="x"/></group></clone>
            <bundle id="u"><docker image="i"/><primitive id="w" class="ocf" provider="pacemaker" type="Dummy"/></bundle>
            </resources></configuration></cib>"#,
        )
        .unwrap();
        let ids: Vec<_> = cib.all_resources().map(super::Resource::id).collect();
        assert_eq!(ids, ["c", "g", "a", "b", "u", "w"]);
        assert_eq!(cib.resource("b").unwrap().top().id(), "c");
        assert_eq!(cib.resource("c").unwrap().members().count(), 1);
        assert!(cib.resource("t").is_none());
        let super::Resource::Primitive(a) = cib.resource("a").unwrap() else { panic!() };
        assert_eq!(a.agent(&cib).unwrap().to_string(), "ocf:heartbeat:IPaddr2");
        assert_eq!(cib.template("t").unwrap().users(&cib).count(), 1);
    }
}
