//! How typed views are declared: a view is an element known to have the right name, with a getter
//! for each attribute. It copies nothing and cannot write.

/// Declares a view: its name, the element names it accepts, and getters of text attributes.
macro_rules! view {
    (
        $(#[$doc:meta])*
        $name:ident($($tag:pat_param)|+) {
            $($(#[$getter_doc:meta])* $getter:ident = $attr:path;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'a>($crate::xml::ElementRef<'a>);

        impl<'a> $name<'a> {
            /// Takes the element; `None` where it has another name.
            pub fn cast(element: $crate::xml::ElementRef<'a>) -> Option<Self> {
                matches!(element.name(), $($tag)|+).then_some(Self(element))
            }

            /// Returns the element.
            pub fn element(self) -> $crate::xml::ElementRef<'a> {
                self.0
            }

            /// Returns the id; empty where the attribute is missing.
            pub fn id(self) -> &'a str {
                self.0.id().unwrap_or_default()
            }

            $(
                $(#[$getter_doc])*
                pub fn $getter(self) -> Option<&'a str> {
                    self.0.attr($attr)
                }
            )*
        }
    };
}

pub(crate) use view;
