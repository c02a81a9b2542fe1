//! crm texts nobody means well with: of any size they are read in time that grows with them and no
//! faster, and a load that fails has changed nothing.

use cib_model::Cib;
use cib_model::xml::{Dialect, Layout};
use crm_syntax::agents::NoAgents;
use crm_syntax::style::Style;
use crm_syntax::text::{Mode, parse};
use crm_syntax::{Editor, LoadMethod, Options};

/// Size of the large inputs, in pieces.
const MANY: usize = 200_000;

#[test]
fn crm_texts_of_any_size_end_and_fail_whole() {
    let cases = [
        "primitive ".repeat(MANY),
        "\\\n".repeat(MANY),
        "\"".repeat(MANY),
        format!("location l a rule {}", "( ".repeat(MANY)),
        format!("location l a rule 1: {}a eq b", "a eq b and ".repeat(MANY / 20)),
        format!("order o {}", "[ ".repeat(MANY)),
        format!("colocation c inf: {}", "a ( b c ) ".repeat(MANY / 20)),
        format!("group g {}", "a ".repeat(MANY)),
        format!("xml {}", "<a>".repeat(MANY)),
        format!("primitive p Dummy params {}", "a=b ".repeat(MANY / 20)),
        "rule and or date in spec ".repeat(MANY / 10),
    ];
    for text in cases {
        for mode in [Mode::Create, Mode::Load] {
            let parsed = parse(&text, mode);
            for found in &parsed.diagnostics {
                assert!(found.message.len() <= 8 * text.len() + 1_000);
            }
        }
        let mut cib = Cib::empty();
        let before = cib.write(Layout::Compact, Dialect::Pcmk3);
        let options = Options::new(Style::Modern, &NoAgents);
        if Editor::new(&mut cib, &options).load(&text, LoadMethod::Replace).is_err() {
            assert_eq!(cib.write(Layout::Compact, Dialect::Pcmk3), before, "{text:.40}");
        }
    }
}
