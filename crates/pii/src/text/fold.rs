//! Characters that look alike to a reader.

/// Where the digits of other scripts begin; each has ten in a row.
const ZEROS: [u32; 22] = [
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66,
    0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0xa8d0, 0xa9d0,
];

/// What a reader sees of a character in its compatible form: every dash is one, every space too, and
/// what has no width is not there.
pub(super) fn seen(char: char) -> Option<char> {
    match char {
        '\u{ad}'
        | '\u{300}'..='\u{36f}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{20dd}'..='\u{20e3}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => None,
        '\u{2c9}' | '\u{2d7}' | '\u{58a}' | '\u{5be}' | '\u{1806}' | '\u{2010}'..='\u{2015}' => {
            Some('-')
        }
        '\u{2043}' | '\u{207b}' | '\u{208b}' | '\u{2212}' | '\u{2500}' | '\u{2501}'
        | '\u{2796}' | '\u{2e3a}' | '\u{2e3b}' | '\u{30fc}' | '\u{fe58}' | '\u{fe63}'
        | '\u{ff0d}' => Some('-'),
        '\u{b7}' | '\u{2022}' | '\u{2024}' | '\u{2027}' | '\u{2219}' | '\u{22c5}' | '\u{3002}'
        | '\u{30fb}' => Some('.'),
        '\u{2044}' | '\u{2215}' | '\u{29f8}' => Some('/'),
        '\u{2236}' | '\u{a789}' => Some(':'),
        '\u{2028}' | '\u{2029}' | '\u{85}' => Some('\n'),
        '\u{2800}' | '\u{3164}' => Some(' '),
        it if it.is_whitespace() => Some(' '),
        it => Some(look_alike(it)),
    }
}

fn look_alike(char: char) -> char {
    match char {
        'О' | 'Ο' => 'O',
        'о' | 'ο' => 'o',
        'І' | 'Ι' => 'I',
        'С' => 'C',
        'с' => 'c',
        'Р' | 'Ρ' => 'P',
        'р' | 'ρ' => 'p',
        '❶'..='❾' => near(char, 0x2776, '1'),
        '➀'..='➈' => near(char, 0x2780, '1'),
        '⓵'..='⓽' => near(char, 0x24f5, '1'),
        '⓿' => '0',
        it => digit(it).unwrap_or(it),
    }
}

fn near(char: char, from: u32, first: char) -> char {
    char::from_u32(u32::from(first) + u32::from(char) - from).unwrap_or(char)
}

fn digit(char: char) -> Option<char> {
    let code = u32::from(char);
    let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}
