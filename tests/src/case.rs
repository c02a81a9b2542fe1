//! Pacemaker's scheduler cases: which there are, and the options each is run with.

use std::path::Path;

use cib_model::Cib;
use cib_model::time::DateTime;
use policy::Options;

/// One case of `cases.tsv`.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name: that of the files.
    pub name: String,
    /// Value of `-t`, where the case has one.
    pub date: Option<String>,
}

/// Reads the table of the cases in `data`; empty where there is none.
pub fn cases(data: &Path) -> Vec<Case> {
    let table = std::fs::read_to_string(data.join("cases.tsv")).unwrap_or_default();
    let row = |line: &str| {
        let mut fields = line.split('\t');
        let name = fields.next()?.to_owned();
        let date = fields.next().and_then(|a| a.strip_prefix("-t "));
        Some(Case { name, date: date.map(|d| d.trim_matches('"').to_owned()) })
    };
    table.lines().skip(1).filter_map(row).collect()
}

/// Returns when the CIB was scheduled first (epoch seconds), where it says so.
pub fn execution_date(cib: &Cib) -> Option<i64> {
    cib.root().attr("execution-date").and_then(|date| date.parse().ok())
}

impl Case {
    /// Reads the case's CIB, with the options `crm_simulate -x` would run it with; scores are
    /// recorded. Where neither the case nor the CIB says when it is, `wall` (epoch seconds) is now.
    pub fn load(&self, data: &Path, wall: i64) -> Result<(Cib, Options), String> {
        let path = data.join("xml").join(format!("{}.xml", self.name));
        let text = std::fs::read_to_string(&path).map_err(|e| e.to_string())?;
        let cib = Cib::read(&text).map_err(|e| e.to_string())?;
        let date = self.date.as_deref();
        let given = date.map(|date| DateTime::parse(date, DateTime::from_epoch(wall, 0)));
        let given = given.transpose().map_err(|e| e.to_string())?.map(DateTime::epoch_s);
        let now = given.or(execution_date(&cib)).unwrap_or(wall);
        Ok((cib, Options { now, sanitized: true, trace: true }))
    }
}
