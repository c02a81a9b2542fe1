//! Times our `crm` against the installed crmsh, command by command, in one paired run.
//!
//! `cargo bench -p conformance --bench against_crmsh` prints the table that docs/benchmarks.md
//! holds. Runs alternate (ours, theirs, ours, …), so that a machine that slows down slows both.

#![expect(clippy::print_stdout, reason = "the table is what a bench is for")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use conformance::binary::crm_release;
use conformance::prerequisite::programs;

/// Runs that are counted, after one that is not.
const RUNS: usize = 11;

struct Case {
    name: &'static str,
    args: &'static [&'static str],
}

const CASES: [Case; 2] = [
    Case { name: "`crm --version`", args: &["--version"] },
    Case { name: "`crm configure show`, 2 primitives", args: &["configure", "show"] },
];

fn main() {
    if !programs(&["crm"]) {
        return;
    }
    let ours = crm_release();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cib = folder.path().join("cib.xml");
    std::fs::write(&cib, SMALL_CIB).expect("the CIB is written");
    println!(
        "| command | ours, ms (min median max) | crmsh, ms (min median max) | ratio of medians |"
    );
    println!("|---|---|---|---|");
    for case in &CASES {
        let (mut us, mut them) = (Vec::new(), Vec::new());
        for run in 0..=RUNS {
            let pair =
                (once(&ours, case.args, &cib), once(Path::new("/usr/sbin/crm"), case.args, &cib));
            if run > 0 {
                us.push(pair.0);
                them.push(pair.1);
            }
        }
        us.sort_unstable();
        them.sort_unstable();
        let ratio = them[RUNS / 2].as_secs_f64() / us[RUNS / 2].as_secs_f64();
        println!("| {} | {} | {} | {ratio:.0} |", case.name, spread(&us), spread(&them));
    }
}

fn once(program: &Path, args: &[&str], cib: &Path) -> Duration {
    let mut command = Command::new(program);
    command.args(args).env("CIB_file", cib).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let status = command.status().expect("the program runs");
    let took = begun.elapsed();
    assert!(status.success(), "{} {args:?}: {status}", program.display());
    took
}

fn spread(sorted: &[Duration]) -> String {
    let ms = |d: Duration| format!("{:.1}", d.as_secs_f64() * 1000.0);
    format!("{} {} {}", ms(sorted[0]), ms(sorted[sorted.len() / 2]), ms(sorted[sorted.len() - 1]))
}

const SMALL_CIB: &str = r#"<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">
  <configuration>
    <crm_config>
      <cluster_property_set id="cib-bootstrap-options">
        <nvpair id="cib-bootstrap-options-stonith-enabled" name="stonith-enabled" value="false"/>
      </cluster_property_set>
    </crm_config>
    <nodes>
      <node id="1" uname="n1"/>
      <node id="2" uname="n2"/>
    </nodes>
    <resources>
      <primitive id="ip" class="ocf" provider="heartbeat" type="IPaddr2">
        <instance_attributes id="ip-instance_attributes">
          <nvpair id="ip-instance_attributes-ip" name="ip" value="192.0.2.1"/>
        </instance_attributes>
        <operations>
          <op id="ip-monitor-30s" name="monitor" interval="30s"/>
        </operations>
      </primitive>
      <primitive id="web" class="lsb" type="web"/>
    </resources>
    <constraints>
      <rsc_colocation id="web-with-ip" score="INFINITY" rsc="web" with-rsc="ip"/>
    </constraints>
  </configuration>
</cib>
"#;
