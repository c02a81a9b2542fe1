//! Changes one parameter of a resource in a CIB: `set_parameter CIB.xml RESOURCE NAME VALUE`.
//! The rest of the file stays as it is.

#![expect(clippy::disallowed_methods, reason = "the library reads no file, a program does")]

use std::error::Error;

use cib_model::xml::{Dialect, Layout};
use cib_model::{Cib, CibVersion, IdPool, names, nvset};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [path, rsc, name, value] = args.as_slice() else {
        return Err("usage: set_parameter CIB.xml RESOURCE NAME VALUE".into());
    };
    let mut cib = Cib::read(&std::fs::read_to_string(path)?)?;
    let element = cib.resource(rsc).ok_or_else(|| format!("no resource {rsc}"))?.element();
    let (owner, set) = (element.xml_id(), element.child(names::INSTANCE_ATTRIBUTES));
    let set = set.map(cib_model::xml::ElementRef::xml_id);

    let mut ids = IdPool::of(&cib);
    let set_id = ids.fresh(&format!("{rsc}-instance_attributes"));
    let pair_id = ids.fresh(&format!("{rsc}-instance_attributes-{name}"));
    let tree = cib.tree_mut();
    let set = set.unwrap_or_else(|| {
        let made = tree.insert(owner, 0, names::INSTANCE_ATTRIBUTES);
        tree.set_attr(made, names::ID, set_id);
        made
    });
    nvset::set_pair(tree, set, name, value, &pair_id);

    // A changed configuration has a higher epoch.
    let CibVersion { admin_epoch, epoch, .. } = cib.version();
    cib.set_version(CibVersion::new(admin_epoch, epoch + 1, 0));
    std::fs::write(path, cib.write(Layout::Pretty, Dialect::Pcmk3))?;
    Ok(())
}
