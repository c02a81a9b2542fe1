//! Templates and the configurations made from them: both are text files with marked places.
//!
//! A template has a head (`%name`, `%required`, `%optional`, a line `%% PARAMETER` for each
//! parameter) and after `%generate` the objects it makes, in which `%_:PARAMETER` stands for a
//! value. A configuration is made of one or more templates; its lines `%% PARAMETER VALUE` are
//! filled in, by parameters or with an editor, before it is applied.
//!
//! **Source:** crmsh `template.py`, `ui_template.py`; the files are the same.

use std::collections::BTreeMap;

/// The templates that are always there.
const BUILT_IN: [(&str, &str); 1] = [("virtual-ip", VIRTUAL_IP)];

const VIRTUAL_IP: &str = "\
%name virtual-ip

# An address that moves between the nodes.

%required

# The address, such as 192.0.2.10.

%% ip

%optional

# The length of the network's prefix, such as 24.

%% netmask

%generate

primitive %_ ocf:heartbeat:IPaddr2
	params ip=%_:ip
	opt cidr_netmask=%_:netmask
";

/// Returns the names of the built-in templates.
pub(super) fn built_in_names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// Returns a built-in template.
pub(super) fn built_in(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

/// A configuration that is put together from templates.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    head: Vec<String>,
    objects: Vec<String>,
    prefixes: Vec<String>,
}

impl Draft {
    /// Adds a template; `find` returns the text of the templates it depends on. Returns the prefix
    /// of its parameters.
    ///
    /// # Errors
    /// A sentence that says what the template lacks.
    pub(super) fn pull_in(
        &mut self,
        text: &str,
        find: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Result<String, String> {
        let (head, objects) = parts(text)?;
        let mut objects: Vec<String> = objects.iter().map(|l| (*l).to_owned()).collect();
        let mut name = String::new();
        for line in &head {
            match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["%name", given] => (*given).clone_into(&mut name),
                ["%depends_on", other] => {
                    let text = find(other)?;
                    let prefix = self.pull_in(&text, find)?;
                    replace(&mut objects, &format!("%{other}"), &format!("%{prefix}"));
                }
                _ => {}
            }
        }
        let prefix = self.free_prefix(&name);
        replace(&mut objects, "%_:", &format!("%{prefix}:"));
        replace(&mut objects, "%_", &prefix);
        let mut has_prefix = false;
        for line in head {
            if !has_prefix && matches!(line.trim(), "%required" | "%optional") {
                self.head.push(format!("%pfx {prefix}"));
                has_prefix = true;
            }
            self.head.push(line.to_owned());
        }
        self.objects.append(&mut objects);
        self.prefixes.push(prefix.clone());
        Ok(prefix)
    }

    fn free_prefix(&self, name: &str) -> String {
        let taken = |p: &String| self.prefixes.contains(p);
        let numbered = (1..).map(|n| format!("{name}_{n}"));
        std::iter::once(name.to_owned()).chain(numbered).find(|p| !taken(p)).unwrap_or_default()
    }

    /// Fills in the parameters and writes the configuration.
    pub(super) fn finish(mut self, name: &str, values: &BTreeMap<String, String>) -> String {
        for line in &mut self.head {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let ["%%", parameter] = words.as_slice()
                && let Some(value) = values.get(*parameter)
            {
                *line = format!("%% {parameter}  {value}");
            }
        }
        let objects = conditions(&self.objects);
        format!(
            "# Configuration: {name}\n\n# Fill in values at the end of the lines that begin with \
             %%.\n# Those after %required must be there. Change nothing else.\n\n{}\n\
             # Everything below is made from the templates.\n\n%generate\n{}\n",
            self.head.join("\n"),
            objects.join("\n")
        )
    }
}

fn replace(lines: &mut [String], from: &str, to: &str) {
    for line in lines {
        if line.contains(from) {
            *line = line.replace(from, to);
        }
    }
}

/// Parts a template into its head and its objects.
fn parts(text: &str) -> Result<(Vec<&str>, Vec<&str>), String> {
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|l| l.trim() == "%generate");
    let at = at.ok_or("invalid template: missing '%generate'")?;
    let (head, objects) = lines.split_at(at);
    let has = |word: &str| head.iter().any(|l| l.split_whitespace().next() == Some(word));
    if !has("%name") {
        return Err("invalid template: missing '%name'".to_owned());
    }
    if !has("%required") && !has("%optional") {
        return Err("invalid template: missing '%required' or '%optional'".to_owned());
    }
    Ok((head.to_vec(), objects.get(1..).unwrap_or_default().to_vec()))
}

/// Keeps the lines between `%if` and `%fi` where the condition is no open place.
fn conditions(lines: &[String]) -> Vec<String> {
    let (mut kept, mut inside, mut holds) = (Vec::new(), false, true);
    for line in lines {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["%if", condition] => (inside, holds) = (true, !condition.starts_with('%')),
            ["%else"] if inside => holds = !holds,
            ["%fi"] if inside => (inside, holds) = (false, true),
            _ if holds => kept.push(line.clone()),
            _ => {}
        }
    }
    kept
}

/// Makes the objects that a configuration says.
///
/// # Errors
/// The sentences that say what is missing or wrong.
pub(super) fn process(text: &str) -> Result<String, Vec<String>> {
    let (mut values, mut errors) = (BTreeMap::new(), Vec::new());
    let (mut prefix, mut required) = (String::new(), false);
    let mut lines = text.lines().filter(|l| !l.starts_with('#'));
    for line in lines.by_ref() {
        let words = crate::shell::words::split(line.trim()).map_err(|e| vec![e.to_string()])?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["%generate"] => break,
            ["%pfx", name] => (*name).clone_into(&mut prefix),
            ["%required"] => required = true,
            ["%optional"] => required = false,
            ["%%", name] if required => errors.push(format!("required parameter {name} not set")),
            ["%%", name, value] => {
                values.insert(format!("%{prefix}:{name}"), (*value).to_owned());
            }
            ["%%", _, _, _, ..] => errors.push(format!("{line}: syntax error")),
            [] | ["%%" | "%name" | "%depends_on" | "%suggests", ..] => {}
            _ => errors.push(format!("<{line}> unexpected")),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let (mut objects, mut object) = (Vec::new(), Vec::new());
    for line in lines.chain(std::iter::once("")) {
        if line.trim().is_empty() {
            if !object.is_empty() {
                objects.push(object.join(" \\\n\t"));
                object.clear();
            }
        } else if let Some(line) = filled(line.trim(), &values) {
            object.push(line);
        }
    }
    Ok(objects.join("\n"))
}

/// Puts the values in; a line that begins with `opt` is left out where it has no value.
fn filled(line: &str, values: &BTreeMap<String, String>) -> Option<String> {
    let mut text = line.to_owned();
    let mut changed = false;
    // longer names first, so that `%x:ip2` is not taken for `%x:ip`
    let mut places: Vec<(&String, &String)> = values.iter().collect();
    places.sort_by_key(|(place, _)| std::cmp::Reverse(place.len()));
    for (place, value) in places {
        if text.contains(place.as_str()) {
            let quoted = format!("\"{value}\"");
            text = text.replace(&format!("={place}"), &format!("={quoted}"));
            text = text.replace(place, if value.contains(' ') { &quoted } else { value });
            changed = true;
        }
    }
    match text.strip_prefix("opt ") {
        Some(rest) => changed.then(|| rest.trim_start().to_owned()),
        None => Some(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_becomes_objects() {
        let mut draft = Draft::default();
        draft.pull_in(VIRTUAL_IP, &mut |_| Err(String::new())).unwrap();
        let values = [("ip".to_owned(), "192.0.2.7".to_owned())].into();
        let text = draft.finish("vip", &values);
        assert_eq!(
            process(&text).unwrap(),
            "primitive virtual-ip ocf:heartbeat:IPaddr2 \\\n\tparams ip=\"192.0.2.7\""
        );
    }

    #[test]
    fn a_missing_value_is_named() {
        let mut draft = Draft::default();
        draft.pull_in(VIRTUAL_IP, &mut |_| Err(String::new())).unwrap();
        let text = draft.finish("vip", &BTreeMap::new());
        assert_eq!(process(&text).unwrap_err(), ["required parameter ip not set"]);
    }

    #[test]
    fn open_conditions_leave_lines_out() {
        let lines = ["a", "%if %x", "b", "%else", "c", "%fi", "d"].map(str::to_owned);
        assert_eq!(conditions(&lines), ["a", "c", "d"]);
    }
}
