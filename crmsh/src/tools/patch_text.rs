//! A patchset for a person: a line for each thing that is new, gone, moved or different.
//!
//! **Source:** pacemaker `lib/common/patchset_display.c`.

use cib_model::Patchset;
use cib_model::patchset::Change;
use cib_model::xml::{Dialect, ElementRef, Layout, write_element};

/// Returns the lines.
pub(super) fn lines(patch: &Patchset) -> Vec<String> {
    let mut lines = head(patch);
    for change in patch.changes() {
        let path = change.path();
        match change.operation() {
            Some("create") => lines.extend(created(path, change)),
            Some("move") => {
                let offset = change.position().map_or(String::new(), |at| at.to_string());
                lines.push(format!("+~ {path} moved to offset {offset}"));
            }
            Some("modify") => lines.extend(modified(path, change)),
            Some("delete") => {
                let place = change.position().map_or(String::new(), |at| format!(" ({at})"));
                lines.push(format!("-- {path}{place}"));
            }
            _ => {}
        }
    }
    lines
}

fn head(patch: &Patchset) -> Vec<String> {
    let (source, target) = (patch.source().unwrap_or_default(), patch.target().unwrap_or_default());
    let shown = |version: cib_model::CibVersion| {
        format!("{}.{}.{}", version.admin_epoch, version.epoch, version.num_updates)
    };
    if source != target {
        let format = patch.tree().root().attr("format").unwrap_or("(no format)");
        let digest = patch.digest().unwrap_or("(no digest)");
        return vec![
            format!("Diff: --- {} {format}", shown(source)),
            format!("Diff: +++ {} {digest}", shown(target)),
        ];
    }
    if target == cib_model::CibVersion::default() {
        return Vec::new();
    }
    vec![format!("Local-only Change: {}", shown(target))]
}

fn created(path: &str, change: Change<'_>) -> Vec<String> {
    let text = change
        .created()
        .map_or(String::new(), |element| write_element(element, Layout::Pretty, Dialect::Pcmk3));
    let first = format!("++ {path}:  ");
    let rest = format!("++{}", " ".repeat(first.chars().count().saturating_sub(2)));
    let prefix = |at: usize| if at == 0 { &first } else { &rest };
    text.lines().enumerate().map(|(at, line)| format!("{}{line}", prefix(at))).collect()
}

fn modified(path: &str, change: Change<'_>) -> Vec<String> {
    let attrs = |operation: &str, shown: fn(ElementRef<'_>) -> String| -> Option<String> {
        let list = change.element().child("change-list")?;
        let meant = list.children().filter(|attr| attr.attr("operation") == Some(operation));
        let all: Vec<String> = meant.map(shown).collect();
        (!all.is_empty()).then(|| all.join(", "))
    };
    let name = |attr: ElementRef<'_>| format!("@{}", attr.attr("name").unwrap_or_default());
    let pair = |attr: ElementRef<'_>| {
        let (name, value) = (attr.attr("name"), attr.attr("value"));
        format!("@{}={}", name.unwrap_or_default(), value.unwrap_or_default())
    };
    let set = attrs("set", pair).map(|text| format!("+  {path}:  {text}"));
    let unset = attrs("unset", name).map(|text| format!("-- {path}:  {text}"));
    set.into_iter().chain(unset).collect()
}

#[cfg(test)]
mod tests {
    use cib_model::Cib;

    use super::lines;

    #[test]
    fn every_kind_of_change_has_its_line() {
        let old = r#"<cib admin_epoch="0" epoch="1" num_updates="2"><configuration><resources>
            <primitive id="a" class="lsb" type="x" description="d"/><primitive id="b"/>
            <primitive id="c"/></resources></configuration></cib>"#;
        let new = r#"<cib admin_epoch="0" epoch="2" num_updates="0"><configuration><resources>
            <primitive id="a" class="lsb" type="y"/><primitive id="c"/>
            <group id="g"><primitive id="n"/></group></resources></configuration></cib>"#;
        let patch = Cib::read(old).unwrap().diff(&Cib::read(new).unwrap()).unwrap();
        let expected = "Diff: --- 0.1.2 2
Diff: +++ 0.2.0 (no digest)
-- /cib/configuration/resources/primitive[@id='b']
+  /cib:  @epoch=2, @num_updates=0
+  /cib/configuration/resources/primitive[@id='a']:  @type=y
-- /cib/configuration/resources/primitive[@id='a']:  @description
++ /cib/configuration/resources:  <group id=\"g\">
++                                  <primitive id=\"n\"/>
++                                </group>";
        assert_eq!(lines(&patch).join("\n"), expected);
    }
}
