//! Inline styles, as far as they decide whether text is seen.

/// What an element's style says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Style {
    /// It takes its text out of sight.
    pub(super) hides: bool,
    /// Its text is too small to be seen; `None`: as the parent's. Mail is laid out in elements of size 0 with text of size 15 in them.
    pub(super) tiny: Option<bool>,
    /// Colour of text, `0xrrggbb`; `None`: as the parent.
    pub(super) colour: Option<u32>,
    /// What is behind the text; `None`: as the parent.
    pub(super) background: Option<Background>,
}

/// A background, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Background {
    /// One colour, `0xrrggbb`.
    Colour(u32),
    /// A picture or something that a style sheet says.
    Unknown,
}

impl Style {
    /// Adds the declarations of a `style` attribute.
    pub(super) fn apply(&mut self, declarations: &str) {
        let (mut clipped, mut flat, mut placed) = (false, false, false);
        let mut offset = false;
        for declaration in declarations.split(';') {
            let Some((property, value)) = declaration.split_once(':') else { continue };
            let value = value.trim().trim_end_matches("!important").trim().to_ascii_lowercase();
            let is_zero = || number(&value).is_some_and(|number| number.abs() < 0.05);
            match property.trim().to_ascii_lowercase().as_str() {
                "display" => self.hides |= value == "none",
                "visibility" => self.hides |= matches!(value.as_str(), "hidden" | "collapse"),
                "mso-hide" => self.hides |= value == "all",
                "opacity" => self.hides |= is_zero(),
                // 1px and below is used to hide as well; no reader sees it.
                "font-size" => {
                    let size = number(&value).filter(|_| absolute(&value));
                    self.tiny = size.map(|size| size <= 1.0).or(self.tiny);
                }
                "text-indent" => self.hides |= number(&value).is_some_and(|n| n <= -500.0),
                "left" | "top" | "margin-left" => offset |= number(&value).is_some_and(|n| n <= -500.0),
                "position" => placed |= matches!(value.as_str(), "absolute" | "fixed" | "relative"),
                "overflow" => clipped |= value == "hidden",
                "max-height" | "height" | "max-width" | "width" => flat |= is_zero(),
                "color" => self.colour = colour(&value).or(self.colour),
                "background" | "background-color" => {
                    let named = value.split_ascii_whitespace().find_map(colour);
                    let known = named.filter(|_| !value.contains("url(") && !value.contains("gradient"));
                    if !matches!(value.as_str(), "transparent" | "none" | "inherit" | "initial") {
                        self.background = Some(known.map_or(Background::Unknown, Background::Colour));
                    }
                }
                "background-image" if value != "none" => self.background = Some(Background::Unknown),
                _ => {}
            }
        }
        self.hides |= (clipped && flat) || (offset && placed);
    }
}

/// Whether two colours cannot be told apart by eye.
pub(super) fn alike(one: u32, other: u32) -> bool {
    [16, 8, 0].iter().all(|shift| ((one >> shift) & 0xff).abs_diff((other >> shift) & 0xff) <= 6)
}

/// A colour as `0xrrggbb`: `#fff`, `#ffffff`, `ffffff`, `rgb(1, 2, 3)`, or one of the names that are used to hide.
pub(super) fn colour(value: &str) -> Option<u32> {
    let value = value.trim().to_ascii_lowercase();
    match value.as_str() {
        "white" => return Some(0xff_ff_ff),
        "black" | "windowtext" => return Some(0),
        "snow" => return Some(0xff_fa_fa),
        "whitesmoke" => return Some(0xf5_f5_f5),
        "red" => return Some(0xff_00_00),
        "blue" => return Some(0x00_00_ff),
        "green" => return Some(0x00_80_00),
        "gray" | "grey" => return Some(0x80_80_80),
        "yellow" => return Some(0xff_ff_00),
        _ => {}
    }
    if let Some(parts) =
        value.strip_prefix("rgb").and_then(|rest| rest.trim_start_matches('a').strip_prefix('('))
    {
        let mut channels = parts.trim_end_matches(')').split([',', ' ']).filter(|part| !part.is_empty());
        let mut channel = || channels.next()?.trim().parse::<u32>().ok().filter(|n| *n < 256);
        return Some(channel()? << 16 | channel()? << 8 | channel()?);
    }
    let digits = value.strip_prefix('#').unwrap_or(&value);
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let number = u32::from_str_radix(digits, 16).ok()?;
    match digits.len() {
        6 => Some(number),
        3 => Some((number >> 8) * 0x11_00_00 + (number >> 4 & 0xf) * 0x11_00 + (number & 0xf) * 0x11),
        _ => None,
    }
}

/// The number that a length starts with.
fn number(value: &str) -> Option<f32> {
    let len =
        value.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+')).count();
    value[..len].parse().ok()
}

/// Whether a size is zero or in units of the screen, not relative to other text (`1em` is ordinary).
fn absolute(value: &str) -> bool {
    value.ends_with("px") || value.ends_with("pt") || number(value).is_some_and(|n| n.abs() < 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours() {
        for (value, want) in [
            ("#FFF", Some(0xff_ff_ff)),
            ("#102030", Some(0x10_20_30)),
            ("rgb(255, 255,254)", Some(0xff_ff_fe)),
            ("rgba(0,0,1,.5)", Some(1)),
            ("White ", Some(0xff_ff_ff)),
            ("#12", None),
            ("inherit", None),
            ("rgb(300,0,0)", None),
        ] {
            assert_eq!(colour(value), want, "{value}");
        }
    }
}
