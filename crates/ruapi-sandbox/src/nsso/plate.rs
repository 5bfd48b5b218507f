//! Number plates as numbers: every plate that fits the mask has an index, and every index a plate.

/// The letters of Russian plates: those that look like Latin ones.
const LETTERS: [char; 12] = ['А', 'В', 'Е', 'К', 'М', 'Н', 'О', 'Р', 'С', 'Т', 'У', 'Х'];

/// Regions 00 to 99 and 000 to 999.
const REGIONS: u64 = 1_100;

/// How many plates there are.
pub(super) const COUNT: u64 = 12 * 12 * 12 * 1_000 * REGIONS;

/// Neighbouring indexes shall not be look-alike plates. A prime, and no divisor of [`COUNT`].
const STRIDE: u64 = 1_000_000_007;

/// `STRIDE * UNSTRIDE % COUNT == 1`.
const UNSTRIDE: u64 = inverse(STRIDE, COUNT);

/// By Euler's theorem, with φ(2¹¹·3³·5⁵·11) = [`COUNT`] · 1/2 · 2/3 · 4/5 · 10/11.
const fn inverse(number: u64, modulus: u64) -> u64 {
    let mut exponent = modulus / 2 / 3 * 2 / 5 * 4 / 11 * 10 - 1;
    let mut power = number % modulus;
    let mut result = 1;
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * power % modulus;
        }
        power = power * power % modulus;
        exponent /= 2;
    }
    result
}

/// The index of a plate, or none if the text does not fit
/// `^[АВЕКМНОРСТУХ]\d{3}[АВЕКМНОРСТУХ]{2}\d{2,3}$`.
pub(super) fn parse(text: &str) -> Option<u64> {
    let mut symbols = text.chars();
    let letter = |symbols: &mut std::str::Chars<'_>| {
        let symbol = symbols.next()?;
        LETTERS.iter().position(|letter| *letter == symbol).map(|at| at as u64)
    };
    let digits = |symbols: &mut std::str::Chars<'_>, count: usize| {
        (0..count).try_fold(0, |number, _| {
            symbols.next()?.to_digit(10).map(|digit| number * 10 + u64::from(digit))
        })
    };
    let first = letter(&mut symbols)?;
    let number = digits(&mut symbols, 3)?;
    let letters = (first * 12 + letter(&mut symbols)?) * 12 + letter(&mut symbols)?;
    let region = match symbols.as_str().len() {
        2 => digits(&mut symbols, 2)?,
        3 => digits(&mut symbols, 3)? + 100,
        _ => return None,
    };
    let ordinal = (letters * 1_000 + number) * REGIONS + region;
    Some(ordinal * UNSTRIDE % COUNT)
}

/// The plate of an index below [`COUNT`].
pub(super) fn print(index: u64) -> String {
    let ordinal = index * STRIDE % COUNT;
    let (rest, region) = (ordinal / REGIONS, ordinal % REGIONS);
    let (letters, number) = (rest / 1_000, rest % 1_000);
    let letter = |at: u64| LETTERS[(at % 12) as usize];
    let region = match region.checked_sub(100) {
        None => format!("{region:02}"),
        Some(region) => format!("{region:03}"),
    };
    let (first, second, third) = (letter(letters / 144), letter(letters / 12), letter(letters));
    format!("{first}{number:03}{second}{third}{region}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_has_its_own_plate_and_back() {
        assert_eq!(COUNT, 1_900_800_000);
        assert_eq!(STRIDE * UNSTRIDE % COUNT, 1);
        for index in (0..COUNT).step_by(99_991).chain(0..10_000).chain([COUNT - 1]) {
            assert_eq!(parse(&print(index)), Some(index), "{}", print(index));
        }
    }

    #[test]
    fn other_texts_are_no_plates() {
        let texts = ["", "А111АА1", "А111АА1111", "A111AA11", "а111аа11", "Б111АА11", "А11АА11"];
        for text in texts.into_iter().chain(["А111АА1Х", "А111АА11 ", "А1１1АА11", "А111АА٣٣"])
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
