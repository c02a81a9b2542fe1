//! XPath beside libxml2: generated expressions over real configurations, the same nodes selected.

use std::path::{Path, PathBuf};
use std::process::Command;

use cib_model::xml::{Tree, XPath, XPathValue, read};
use conformance::prerequisite::{programs, shared};

/// Node tests and paths that CIBs give something for.
const PATHS: [&str; 18] = [
    "//primitive",
    "//nvpair",
    "/cib/configuration/*",
    "//op",
    "//resources/*",
    "//*[@id]",
    "//group/primitive",
    "//rsc_location",
    "//*/parent::*",
    "//primitive/descendant::*",
    "//op/ancestor::*",
    "//primitive/following-sibling::*",
    "//primitive/preceding-sibling::*",
    "//op/following::op",
    "//op/preceding::op",
    "//primitive/ancestor-or-self::node()",
    "//instance_attributes/self::*",
    "(//primitive | //group | //clone)",
];

/// Predicates.
const PREDICATES: [&str; 18] = [
    "",
    "[1]",
    "[last()]",
    "[position() > 1]",
    "[position() mod 2 = 0]",
    "[@name='monitor']",
    "[@name!='monitor' or @type]",
    "[not(@class)]",
    "[starts-with(@id, 'p')]",
    "[contains(@id, '-')]",
    "[string-length(@id) > 12]",
    "[count(*) = 0]",
    "[@id and not(@name)]",
    "[substring-before(@id, '-') != '']",
    "[translate(@id, 'abc', 'ABC') = @id]",
    "[number(substring-after(@interval, '1')) >= 0 or @interval]",
    "[../@id][normalize-space(@value) = @value]",
    "[sum(//@score) = sum(//@score) and boolean(@id)]",
];

#[test]
fn the_same_nodes_as_libxml2() {
    let Some(corpus) = shared("data/scheduler/xml") else { return };
    if !programs(&["xmllint"]) {
        return;
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(corpus)
        .expect("a folder")
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "xml"))
        .collect();
    files.sort();
    let mut compared = 0;
    for (at, path) in files.iter().step_by(120).enumerate() {
        let text = std::fs::read_to_string(path).expect("a file");
        let Ok(tree) = read(&text) else { continue };
        for (number, base) in PATHS.iter().enumerate() {
            // Each document gets another pairing, so that every pair comes up.
            for predicate in PREDICATES.iter().skip((number + at) % 3).step_by(3) {
                let expression = format!("{base}{predicate}");
                compare(&tree, path, &expression);
                compared += 1;
            }
        }
    }
    assert!(compared > 300, "{compared}");
}

fn compare(tree: &Tree, path: &Path, expression: &str) {
    let count = ours(tree, &format!("count({expression})"));
    assert_eq!(count, theirs(path, &format!("count({expression})")), "{expression}");
    let ids = format!("({expression})/@id");
    assert_eq!(ours(tree, &ids), theirs(path, &ids), "{expression} in {}", path.display());
}

fn ours(tree: &Tree, expression: &str) -> String {
    match XPath::parse(expression).and_then(|x| x.evaluate(tree)).expect("an expression") {
        XPathValue::Number(number) => number.to_string(),
        XPathValue::Nodes(_) => {
            let ids: Vec<&str> = XPath::parse(expression)
                .and_then(|x| x.select(tree))
                .expect("an expression")
                .into_iter()
                .filter_map(|id| tree.element(id)?.id())
                .collect();
            ids.join("\n")
        }
        other => format!("{other:?}"),
    }
}

fn theirs(path: &Path, expression: &str) -> String {
    let output = Command::new("xmllint").args(["--xpath", expression]).arg(path).output();
    let output = output.expect("xmllint runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let id = |line: &str| line.trim().trim_start_matches("id=\"").trim_end_matches('"').to_owned();
    text.lines().map(id).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
