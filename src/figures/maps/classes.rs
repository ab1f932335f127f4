//! The class at each position, a colour each.

use image::RgbaImage;

use super::Positions;

/// Okabe and Ito's colours: told apart with any kind of colour blindness, on light and on dark ground.
const COLOURS: [[u8; 3]; 7] = [
    [0x56, 0xb4, 0xe9],
    [0xe6, 0x9f, 0x00],
    [0x00, 0x9e, 0x73],
    [0xcc, 0x79, 0xa7],
    [0xf0, 0xe4, 0x42],
    [0x00, 0x72, 0xb2],
    [0xd5, 0x5e, 0x00],
];
const OTHERS: [u8; 3] = [0x99, 0x99, 0x99];

/// Classes that have a colour of their own; the others share a grey.
pub const NAMED: usize = COLOURS.len();

/// The colour of the class of that number among the commonest, in CSS.
pub fn css(number: usize) -> String {
    let [r, g, b] = colour(number);
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn colour(number: usize) -> [u8; 3] {
    COLOURS.get(number).copied().unwrap_or(OTHERS)
}

/// A map of each position's class by its number among the commonest; `None` stays transparent.
pub fn map(positions: &Positions, numbers: &[Option<usize>]) -> RgbaImage {
    positions.picture(|at| numbers.get(at).copied().flatten().map(colour))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commonest_have_colours_of_their_own_and_the_others_are_grey() {
        let mut different: Vec<String> = (0..NAMED + 2).map(css).collect();
        assert_eq!(different[NAMED], "#999999");
        different.sort();
        different.dedup();
        assert_eq!(different.len(), NAMED + 1);
    }
}
