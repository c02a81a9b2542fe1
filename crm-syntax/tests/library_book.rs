//! The book's chapter for programmers: its programs are the examples, and the examples work.

#![expect(clippy::disallowed_methods, reason = "a test writes files and runs programs")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Makes an empty folder for one test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).unwrap();
    folder
}

const EXAMPLES: [&str; 3] = ["lint_crm", "set_parameter", "diff_clusters"];

const CIB: &str = r#"<cib validate-with="pacemaker-3.9" admin_epoch="0" epoch="4" num_updates="2">
  <configuration>
    <crm_config/>
    <nodes/>
    <resources>
      <!-- kept -->
      <primitive id="web" class="ocf" provider="heartbeat" type="apache">
        <instance_attributes id="web-instance_attributes">
          <nvpair name="port" value="80" id="web-instance_attributes-port"/>
        </instance_attributes>
      </primitive>
      <primitive id="db" class="lsb" type="postgresql"/>
    </resources>
    <constraints/>
  </configuration>
  <status/>
</cib>
"#;

fn run(example: &str, args: &[&Path]) -> Output {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo)
        .args(["run", "--quiet", "-p", "crm-syntax", "--example", example, "--"])
        .args(args)
        .current_dir(workspace())
        .stdin(Stdio::null())
        .output()
        .expect("cargo runs")
}

#[test]
fn the_page_quotes_the_examples() {
    let page = fs::read_to_string(workspace().join("docs/book/use-as-a-library.md")).unwrap();
    for example in EXAMPLES {
        let path = format!("crm-syntax/examples/{example}.rs");
        let program = fs::read_to_string(workspace().join(&path)).unwrap();
        let quoted = format!("`{path}`:\n\n```rust\n{program}```\n");
        assert!(page.contains(&quoted), "docs/book/use-as-a-library.md does not quote {path}");
    }
}

#[test]
fn lint_tells_errors_and_where_they_stand() {
    let folder = folder("lint");
    let (bad, loose, good) = (folder.join("bad"), folder.join("loose"), folder.join("good"));
    fs::write(&bad, "primitive a Dummy\nprimitve b Dummy\nlocation l a 5 n1\n").unwrap();
    fs::write(&loose, "primitive a ocf:heartbeat:Dummy\ngroup g a meta x=y\n").unwrap();
    fs::write(&good, "property stonith-enabled=false\nprimitive a ocf:heartbeat:Dummy\n").unwrap();
    let output = run("lint_crm", &[&bad, &loose]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let bad = bad.display();
    assert!(said.contains(&format!("{bad}:2: error: syntax: Unknown command")), "{said}");
    assert!(said.contains(&format!("{bad}:3: error: syntax in location")), "{said}");
    assert!(said.contains("Warning in '': no fencing device is configured"), "{said}");
    assert_eq!(output.status.code(), Some(1));
    let output = run("lint_crm", &[&good]);
    assert_eq!((output.status.code(), output.stdout), (Some(0), Vec::new()));
}

#[test]
fn one_parameter_changes_and_nothing_else() {
    let folder = folder("parameter");
    let cib = folder.join("cib.xml");
    fs::write(&cib, CIB).unwrap();
    let words = ["web", "port", "8080"].map(Path::new);
    assert!(run("set_parameter", &[&[cib.as_path()], words.as_slice()].concat()).status.success());
    let expected = CIB.replace("\"80\"", "\"8080\"");
    let expected = expected.replace(r#"epoch="4" num_updates="2""#, r#"epoch="5" num_updates="0""#);
    assert_eq!(fs::read_to_string(&cib).unwrap(), expected);
    let words = ["db", "data", "/x"].map(Path::new);
    assert!(run("set_parameter", &[&[cib.as_path()], words.as_slice()].concat()).status.success());
    let text = fs::read_to_string(&cib).unwrap();
    assert!(text.contains(r#"<nvpair name="data" value="/x" id="db-instance_attributes-data"/>"#));
    let words = ["nobody", "a", "b"].map(Path::new);
    let refused = run("set_parameter", &[&[cib.as_path()], words.as_slice()].concat());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("no resource nobody"));
    assert_eq!(fs::read_to_string(&cib).unwrap(), text);
}

#[test]
fn clusters_differ_by_object() {
    let folder = folder("differ");
    let (old, new) = (folder.join("old"), folder.join("new"));
    fs::write(&old, CIB).unwrap();
    let changed = CIB.replace("\"80\"", "\"81\"").replace("id=\"db\"", "id=\"sql\"");
    fs::write(&new, changed).unwrap();
    let output = run("diff_clusters", &[&old, &new]);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "- primitive db lsb:postgresql\n\
         + primitive sql lsb:postgresql\n\
         - primitive web apache params port=80\n\
         + primitive web apache params port=81\n"
    );
    assert!(run("diff_clusters", &[&old, &old]).stdout.is_empty());
}
