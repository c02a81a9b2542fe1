//! How a struct stands for an element: attributes and children that have a field, and what has none.

use super::Uncovered;
use crate::xml::{Child, ElementRef, Tree, XmlId};

/// A struct that stands for an element, or an enum that stands for one of several.
pub(super) trait Part: Sized {
    /// Returns true for the elements it stands for.
    fn fits(name: &str) -> bool;

    /// Reads an element that fits.
    fn read(element: ElementRef<'_>, seen: &mut Seen) -> Self;

    /// Appends the element, called `tag` where the struct does not know its name.
    fn write(&self, tree: &mut Tree, parent: XmlId, tag: &'static str);
}

/// What was met that has no field.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) uncovered: Vec<Uncovered>,
}

impl Seen {
    fn add(&mut self, element: ElementRef<'_>, what: String) {
        self.uncovered.push(Uncovered { element: element.xml_id(), what });
    }

    /// Notes a child that has no field.
    pub(super) fn child(&mut self, child: ElementRef<'_>) {
        self.add(child.parent().unwrap_or(child), format!("<{}>", child.name()));
    }

    /// Notes an attribute that must have a value and has none.
    pub(super) fn missing(&mut self, element: ElementRef<'_>, name: &str) {
        self.add(element, format!("@{name} missing"));
    }

    /// Notes what an element has beside the fields.
    pub(super) fn rest(
        &mut self,
        element: ElementRef<'_>,
        attrs: &[&str],
        is_field: &dyn Fn(&str) -> bool,
    ) {
        for (name, _) in element.attrs() {
            if !attrs.contains(&name) {
                self.add(element, format!("@{name}"));
            }
        }
        for child in element.all_children() {
            match child {
                Child::Element(child) if is_field(child.name()) => {}
                Child::Element(child) => self.child(child),
                Child::Comment(_) => self.add(element, "comment".to_owned()),
                Child::Text(_) | Child::CData(_) => self.add(element, "text".to_owned()),
            }
        }
    }
}

/// A field that holds children.
pub(super) trait ChildField: Sized {
    /// Reads the children that `is_own` accepts.
    fn read(element: ElementRef<'_>, is_own: fn(&str) -> bool, seen: &mut Seen) -> Self;

    /// Appends the children, called `tag` where their struct does not know its name.
    fn write(&self, tree: &mut Tree, parent: XmlId, tag: &'static str);
}

impl<T: Part> ChildField for Vec<T> {
    fn read(element: ElementRef<'_>, is_own: fn(&str) -> bool, seen: &mut Seen) -> Self {
        element.children().filter(|c| is_own(c.name())).map(|c| T::read(c, seen)).collect()
    }

    fn write(&self, tree: &mut Tree, parent: XmlId, tag: &'static str) {
        for part in self {
            part.write(tree, parent, tag);
        }
    }
}

impl<T: Part> ChildField for Option<Box<T>> {
    fn read(element: ElementRef<'_>, is_own: fn(&str) -> bool, seen: &mut Seen) -> Self {
        let mut own = element.children().filter(|c| is_own(c.name()));
        let first = own.next().map(|c| Box::new(T::read(c, seen)));
        own.for_each(|c| seen.child(c));
        first
    }

    fn write(&self, tree: &mut Tree, parent: XmlId, tag: &'static str) {
        if let Some(part) = self {
            part.write(tree, parent, tag);
        }
    }
}

/// Declares a struct that stands for an element.
///
/// `must` are attributes that every such element has, `may` those it can have, `many` and `one` its
/// children; each with its name in the CIB.
macro_rules! element {
    (
        $(#[$doc:meta])*
        $name:ident $(= $($tag:literal)|+)? {
            must { $($(#[$must_doc:meta])* $must:ident = $must_xml:literal;)* }
            may { $($(#[$may_doc:meta])* $may:ident = $may_xml:literal;)* }
            many { $($(#[$many_doc:meta])* $many:ident: $many_kind:ty = $many_tag:literal;)* }
            one { $($(#[$one_doc:meta])* $one:ident: $one_kind:ty = $one_tag:literal;)* }
        }
    ) => {
        $(#[$doc])*
        #[derive(
            Clone, PartialEq, Eq, Debug, Default,
            serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$must_doc])* #[serde(rename = $must_xml)] pub $must: String,)*
            $(
                $(#[$may_doc])*
                #[serde(rename = $may_xml, default, skip_serializing_if = "Option::is_none")]
                pub $may: Option<String>,
            )*
            $(
                $(#[$many_doc])*
                #[serde(default, skip_serializing_if = "Vec::is_empty")]
                pub $many: Vec<$many_kind>,
            )*
            $(
                $(#[$one_doc])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $one: Option<Box<$one_kind>>,
            )*
        }

        impl $crate::typed::part::Part for $name {
            fn fits(name: &str) -> bool {
                let _ = name;
                false $($(|| name == $tag)+)?
            }

            fn read(
                element: $crate::xml::ElementRef<'_>,
                seen: &mut $crate::typed::part::Seen,
            ) -> Self {
                let is_field = |name: &str| {
                    let _ = name;
                    false
                        $(|| $crate::typed::part::is_own::<$many_kind>($many_tag, name))*
                        $(|| $crate::typed::part::is_own::<$one_kind>($one_tag, name))*
                };
                seen.rest(element, &[$($must_xml,)* $($may_xml,)*], &is_field);
                $(
                    if element.attr($must_xml).is_none() {
                        seen.missing(element, $must_xml);
                    }
                )*
                $name {
                    $($must: element.attr($must_xml).unwrap_or_default().to_owned(),)*
                    $($may: element.attr($may_xml).map(str::to_owned),)*
                    $($many: $crate::typed::part::ChildField::read(
                        element,
                        |name| $crate::typed::part::is_own::<$many_kind>($many_tag, name),
                        seen,
                    ),)*
                    $($one: $crate::typed::part::ChildField::read(
                        element,
                        |name| $crate::typed::part::is_own::<$one_kind>($one_tag, name),
                        seen,
                    ),)*
                }
            }

            fn write(
                &self,
                tree: &mut $crate::xml::Tree,
                parent: $crate::xml::XmlId,
                tag: &'static str,
            ) {
                let tag = if tag.is_empty() { [$($($tag,)+)? ""][0] } else { tag };
                let made = tree.append(parent, tag);
                let _ = made;
                $(tree.set_attr(made, $must_xml, self.$must.as_str());)*
                $(
                    if let Some(value) = &self.$may {
                        tree.set_attr(made, $may_xml, value.as_str());
                    }
                )*
                $($crate::typed::part::ChildField::write(&self.$many, tree, made, $many_tag);)*
                $($crate::typed::part::ChildField::write(&self.$one, tree, made, $one_tag);)*
            }
        }
    };
}

/// Declares an enum that stands for one of several elements.
macro_rules! one_of {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident($kind:ty) = $tag:literal;)* }) => {
        $(#[$doc])*
        #[derive(
            Clone, PartialEq, Eq, Debug,
            serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        #[serde(tag = "element")]
        pub enum $name {
            $($(#[$case_doc])* #[serde(rename = $tag)] $case($kind),)*
        }

        impl $crate::typed::part::Part for $name {
            fn fits(name: &str) -> bool {
                matches!(name, $($tag)|*)
            }

            fn read(
                element: $crate::xml::ElementRef<'_>,
                seen: &mut $crate::typed::part::Seen,
            ) -> Self {
                let names = [$($tag),*];
                let at = names.iter().position(|name| *name == element.name()).unwrap_or_default();
                let mut number = 0..names.len();
                $(
                    if number.next() == Some(at) {
                        return $name::$case($crate::typed::part::Part::read(element, seen));
                    }
                )*
                unreachable!("only elements that fit are read")
            }

            fn write(
                &self,
                tree: &mut $crate::xml::Tree,
                parent: $crate::xml::XmlId,
                _: &'static str,
            ) {
                match self {
                    $($name::$case(part) => {
                        $crate::typed::part::Part::write(part, tree, parent, $tag);
                    })*
                }
            }
        }
    };
}

/// Returns true where a child called `name` belongs to a field whose children are called `tag`, or
/// are whatever the enum `T` stands for where `tag` is empty.
pub(super) fn is_own<T: Part>(tag: &str, name: &str) -> bool {
    if tag.is_empty() { T::fits(name) } else { name == tag }
}

pub(super) use {element, one_of};
