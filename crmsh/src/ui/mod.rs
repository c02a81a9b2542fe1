//! What a person is shown: clock and local time, columns; and who the person is.

pub mod clock;
pub mod column;
pub mod groups;
pub mod localtime;
