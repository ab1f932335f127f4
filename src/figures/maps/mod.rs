//! Maps of what happens at each position of an occluder, drawn from numbers alone.

pub mod classes;
pub mod heat;
mod positions;

pub use positions::{Positions, Window};

/// The colours of maps as rules of a style sheet: of colour bars, and of the classes by their number.
pub fn style() -> String {
    let mut rules = format!(".heat {{ background: {}; }}\n", heat::gradient());
    for number in 0..=classes::NAMED {
        let colour = classes::css(number);
        rules += &format!(".class-{number} {{ --line: {colour}; }}\n");
    }
    rules
}
