//! Made-up data: the same draws for the same things, every time.

/// SplitMix64 of the index, salted.
pub(crate) fn hash(index: u64, salt: u64) -> u64 {
    let mut bits = index.wrapping_add(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// FNV-1a of the texts, each ended by a byte that UTF-8 does not have.
pub(crate) fn hash_texts(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |bits, byte| {
        (bits ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// One of `count` places.
pub(crate) fn pick(draw: u64, count: u64) -> usize {
    (draw % count) as usize
}

/// A made-up UUID, always the same for the same thing.
pub(crate) fn uuid(number: u64, salt: u64) -> String {
    let (high, low) = (hash(number, salt), hash(number, salt + 1));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0xfff,
        low & 0xffff_ffff_ffff,
    )
}
