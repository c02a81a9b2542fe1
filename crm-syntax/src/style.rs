//! The two dialects of the crm language.

use cib_model::cib::Cib;
use cib_model::xml::ElementRef;

/// Which crm's bytes are made.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Style {
    /// crmsh 1.2.6
    Classic,
    /// crmsh 4.4.1
    #[default]
    Modern,
}

/// Whose defaults the modern style writes, and how it lays out bundles. Classic has one release.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Release {
    /// crmsh 4.4: an operation without interval gets `interval=0`; a bundle's part is one line.
    #[default]
    Four,
    /// crmsh 5.1: `interval=0s`, for other operations than monitor; a bundle's part is broken into
    /// lines, and the ids of its mappings are not shown.
    Five,
}

impl Style {
    /// Chooses the style of the age of a CIB: see [`Style::of_dc_version`].
    pub fn auto(cib: &Cib) -> Self {
        let properties = cib.crm_config().into_iter().flat_map(ElementRef::descendants);
        let mut versions = properties
            .filter(|e| e.name() == "nvpair" && e.attr("name") == Some("dc-version"))
            .filter_map(|e| e.attr("value"));
        Style::of_dc_version(versions.next())
    }

    /// Chooses the style of the age of a CIB: classic where `dc-version` is below 1.1.12.
    pub fn of_dc_version(version: Option<&str>) -> Self {
        let Some(version) = version else { return Style::Modern };
        let mut numbers = version
            .split(|c: char| !c.is_ascii_digit())
            .map(|part| part.parse::<u32>().unwrap_or(u32::MAX));
        let mut next = || numbers.next().unwrap_or(0);
        let version = (next(), next(), next());
        if version < (1, 1, 12) { Style::Classic } else { Style::Modern }
    }
}

#[cfg(test)]
mod tests {
    use super::Style;

    #[test]
    fn age_decides() {
        for (version, style) in [
            (Some("1.1.10-42f2063"), Style::Classic),
            (Some("1.1.9"), Style::Classic),
            (Some("1.0.12-unknown"), Style::Classic),
            (Some("1.1.12-561c4cf"), Style::Modern),
            (Some("1.1.100"), Style::Modern),
            (Some("2.1.5+20230104.a3f44794f"), Style::Modern),
            (None, Style::Modern),
        ] {
            assert_eq!(Style::of_dc_version(version), style, "{version:?}");
        }
    }
}
