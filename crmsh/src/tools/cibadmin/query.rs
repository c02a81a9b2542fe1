//! What `cibadmin --query` prints.

use cib_model::acl::is_unlimited;
use cib_model::patchset::element_path;
use cib_model::xml::{Dialect, ElementRef, Layout, Tree, select, write_element};
use cib_model::{Cib, Section};

use super::access::{Rendering, render};
use super::{CibPlace, Options, Reply, Stop, no_xpath};
use crate::exit::Exit;
use crate::ui::groups;

/// Prints the CIB and what the user may do with it. A part of the CIB is printed as it is.
pub(super) fn with_access(
    options: &Options,
    cib: &Cib,
    place: &CibPlace,
    rendering: Rendering,
    reply: &mut Reply<'_>,
) -> Result<Exit, Stop> {
    let own = groups::own_user().filter(|own| !is_unlimited(own));
    if let Some(own) = own {
        reply.error(&format!(
            "Warning: cibadmin is being run as user {own}, which is subject to ACLs. As a result, \
             ACLs for user {} may be incorrect or incomplete in the output. In a future release, \
             running as a privileged user (root or hacluster) will be required for \
             -S/--show-access.",
            place.subject().user
        ));
    }
    if options.xpath.is_some() || options.scope.as_deref().and_then(Section::named).is_some() {
        return run(options, cib, place, reply);
    }
    let text = render(cib, place.subject(), rendering, options.no_children)?;
    if reply.is_xml() {
        reply.document("output", &text);
    } else {
        reply.info(&text);
    }
    Ok(Exit::OK)
}

/// Prints what is asked for of a CIB, which holds no more than the user may see.
pub(super) fn run(
    options: &Options,
    cib: &Cib,
    place: &CibPlace,
    reply: &mut Reply<'_>,
) -> Result<Exit, Stop> {
    let Some(path) = &options.xpath else {
        let element = match options.scope.as_deref().and_then(Section::named) {
            None => cib.root(),
            Some(section) => cib.section(section).ok_or_else(|| place.absent())?,
        };
        reply.document("output", &printed(element, options.no_children));
        return Ok(Exit::OK);
    };
    let found = select(cib.tree(), path).map_err(|error| no_xpath(place, &error))?;
    let found: Vec<ElementRef<'_>> =
        found.into_iter().filter_map(|id| cib.tree().element(id)).collect();
    match found.as_slice() {
        [] => return Err(place.absent()),
        many if options.node_path => paths(many, reply),
        [one] => reply.document("output", &printed(*one, options.no_children)),
        many => {
            let mut tree = Tree::new("xpath-query");
            let root = tree.root_id();
            for element in many {
                if options.no_children {
                    tree.append_shell(root, *element);
                } else {
                    tree.append_copy(root, *element);
                }
            }
            let text = write_element(tree.root(), Layout::Pretty, Dialect::Pcmk3);
            reply.document("output", &text);
        }
    }
    Ok(Exit::OK)
}

fn paths(found: &[ElementRef<'_>], reply: &mut Reply<'_>) {
    let mut tree = Tree::new("xpath-query");
    let root = tree.root_id();
    for element in found {
        let path = element_path(*element);
        reply.info(&path);
        let made = tree.append(root, "xpath-query-path");
        tree.set_attr(made, "id", path);
    }
    if reply.is_xml() {
        reply.document("output", &write_element(tree.root(), Layout::Pretty, Dialect::Pcmk3));
    }
}

fn printed(element: ElementRef<'_>, no_children: bool) -> String {
    if !no_children {
        return write_element(element, Layout::Pretty, Dialect::Pcmk3);
    }
    let mut tree = Tree::new(element.name().to_owned());
    let root = tree.root_id();
    tree.set_attrs(root, element);
    write_element(tree.root(), Layout::Pretty, Dialect::Pcmk3)
}
