//! How large a photograph becomes, and what is cut out of it.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::named;

/// Rows and columns of a picture. Spelt `224`, or `128x256`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Rows.
    pub height: u32,
    /// Columns.
    pub width: u32,
}

impl Size {
    /// As many rows as columns.
    pub const fn square(side: u32) -> Self {
        Self {
            height: side,
            width: side,
        }
    }

    /// `[rows, columns]`.
    pub fn sides(self) -> [usize; 2] {
        [self.height as usize, self.width as usize]
    }

    /// Pixels in all.
    pub fn pixels(self) -> usize {
        self.height as usize * self.width as usize
    }

    pub(super) fn is_square(self) -> bool {
        self.height == self.width
    }

    pub(super) fn map(self, change: impl Fn(u32) -> u32) -> Self {
        Self {
            height: change(self.height),
            width: change(self.width),
        }
    }
}

impl Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_square() {
            true => write!(f, "{}", self.height),
            false => write!(f, "{}x{}", self.height, self.width),
        }
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides: Option<Vec<u32>> = text
            .split(['x', 'X', '×'])
            .map(|side| side.trim().parse().ok().filter(|side| *side > 0))
            .collect();
        match sides.as_deref() {
            Some([side]) => Ok(Self::square(*side)),
            Some([height, width]) => Ok(Self {
                height: *height,
                width: *width,
            }),
            _ => Err("expected pixels, as in 224, or rows x columns, as in 128x256".into()),
        }
    }
}

/// How a photograph is resized before the crop. Spelt `256`, `cover:256x512`, `squash`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", content = "resize", rename_all = "lowercase")]
pub enum Resize {
    /// The shorter side to so many pixels, the longer one in proportion, truncated (torchvision's `Resize(256)`).
    Shorter(u32),
    /// In proportion, until it is as high and as wide as that; the longer side rounds half to even (timm's way to
    /// inputs that are not square).
    Cover(Size),
    /// Both sides to the input's, each by itself: no crop (Keras' `load_img(target_size=…)`).
    Squash,
}

impl Resize {
    const SQUASH: &str = "squash";
    const COVER: &str = "cover:";
}

impl Display for Resize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shorter(side) => write!(f, "{side}"),
            Self::Cover(size) => write!(f, "{}{size}", Self::COVER),
            Self::Squash => f.write_str(Self::SQUASH),
        }
    }
}

impl FromStr for Resize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case(Self::SQUASH) {
            return Ok(Self::Squash);
        }
        if let Some(size) = text.strip_prefix(Self::COVER) {
            return Ok(Self::Cover(size.parse()?));
        }
        let side = text.trim().parse().ok().filter(|side| *side > 0);
        side.map(Self::Shorter).ok_or_else(|| {
            "expected pixels of the shorter side, squash, or cover:ROWSxCOLUMNS".into()
        })
    }
}

/// Which pixels of a photograph a resized pixel is made of. All but `Nearest` as wide as the reduction (antialiased), as
/// Pillow has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interpolation {
    /// The one in whose place its middle falls.
    Nearest,
    /// A triangle.
    Bilinear,
    /// Keys' cubic, −0.5.
    Bicubic,
    /// Three lobes of a sinc.
    Lanczos,
}

impl Interpolation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Nearest, Self::Bilinear, Self::Bicubic, Self::Lanczos];

    /// As options and files spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Bilinear => "bilinear",
            Self::Bicubic => "bicubic",
            Self::Lanczos => "lanczos",
        }
    }
}

impl FromStr for Interpolation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(&Self::ALL, Self::name, text)
    }
}

/// Where the centre crop lies when there is one more pixel on one side of it than on the other. What it does with a
/// photograph that is smaller than the crop belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// The offset is rounded to the even number (torchvision, timm); a photograph smaller than the crop is padded with black.
    HalfEven,
    /// The offset is rounded down (Caffe); a photograph smaller than the crop is an error.
    Down,
}

impl Rounding {
    /// Both.
    pub const ALL: [Self; 2] = [Self::HalfEven, Self::Down];

    /// As options and files spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::HalfEven => "half-even",
            Self::Down => "down",
        }
    }

    /// Half of a number.
    pub fn half(self, whole: u32) -> u32 {
        let down = whole / 2;
        match self {
            Self::HalfEven if whole % 4 == 3 => down + 1,
            Self::HalfEven | Self::Down => down,
        }
    }
}

impl FromStr for Rounding {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(&Self::ALL, Self::name, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python's `int(round(n / 2.0))`.
    #[test]
    fn halves_round_to_the_even_number_or_down() {
        let halves = |rounding: Rounding| (0..8).map(|n| rounding.half(n)).collect::<Vec<_>>();
        assert_eq!(halves(Rounding::HalfEven), [0, 0, 1, 2, 2, 2, 3, 4]);
        assert_eq!(halves(Rounding::Down), [0, 0, 1, 1, 2, 2, 3, 3]);
    }

    #[test]
    fn what_is_spelt_is_read_back() {
        for text in ["256", "cover:256x512", "cover:64", "squash"] {
            assert_eq!(text.parse::<Resize>().unwrap().to_string(), text);
        }
        for text in ["224", "128x256"] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
        for text in ["", "0", "-3", "256x512", "stretch", "cover:"] {
            assert!(text.parse::<Resize>().is_err(), "{text}");
        }
        for text in ["", "0", "1x", "1x2x3", "0x4", "224.0"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
        assert!("cubic"
            .parse::<Interpolation>()
            .unwrap_err()
            .contains("bicubic"));
    }
}
