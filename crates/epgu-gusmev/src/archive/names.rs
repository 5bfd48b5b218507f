//! What files are named, and what their first bytes tell of them.

use super::Problem;

/// The most bytes of a name, on common file systems.
pub(super) const NAME_LIMIT: usize = 255;

/// What a signature's name has after its file's.
pub(super) const SIGNATURE: &str = ".sig";

/// How many first bytes [`is_archive`] looks at: a tar is known by what stands at 257.
pub(super) const HEAD: usize = 512;

/// What is wrong with a name. With `folders`, each part of a path is looked at.
pub(super) fn problem(name: &str, folders: bool) -> Option<Problem> {
    if name.is_empty() {
        return Some(Problem::NameEmpty);
    }
    if name.len() > NAME_LIMIT {
        return Some(Problem::NameTooLong);
    }
    if folders {
        return name.split('/').find_map(part_problem);
    }
    part_problem(name)
}

fn part_problem(name: &str) -> Option<Problem> {
    let strange = |c: char| {
        c.is_control()
            || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*')
            // What reorders, joins or hides letters, so that a name is not what it seems.
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
    };
    if name.is_empty() {
        Some(Problem::NameEmpty)
    } else if name.contains(['/', '\\']) || matches!(name, "." | "..") {
        Some(Problem::Folder)
    } else if name.contains(strange) {
        Some(Problem::NameCharacter)
    } else if name.starts_with(' ') || name.ends_with([' ', '.']) {
        Some(Problem::NameEnd)
    } else if is_device(name) {
        Some(Problem::NameReserved)
    } else {
        None
    }
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    match stem.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" => true,
        stem => ["COM", "LPT"].iter().any(|port| {
            stem.strip_prefix(port).is_some_and(|n| matches!(n.as_bytes(), [b'1'..=b'9']))
        }),
    }
}

/// A name as consumers see it that do not tell upper case from lower.
pub(super) fn folded(name: &str) -> String {
    // Twice: what only lower case joins, and what only upper case does.
    name.to_uppercase().to_lowercase()
}

/// The file that a signature of this name is of.
pub(super) fn signed(name: &str) -> Option<&str> {
    let split = name.len().checked_sub(SIGNATURE.len())?;
    let suffix = name.get(split..)?;
    suffix.eq_ignore_ascii_case(SIGNATURE).then(|| &name[..split])
}

/// Whether the name is of a signature.
pub(crate) fn is_signature(name: &str) -> bool {
    signed(name).is_some()
}

fn extension(name: &str) -> Option<String> {
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase())
}

/// The extension with its dot, where it is one, and not a part of what somebody is called.
pub(super) fn shown_extension(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if (1..=4).contains(&extension.len())
                && extension.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            &name[stem.len()..]
        }
        _ => "",
    }
}

const ARCHIVES: &[&str] = &[
    "7z", "ace", "apk", "ar", "arj", "bz2", "cab", "cpio", "deb", "dmg", "ear", "gz", "iso", "jar",
    "lha", "lz", "lz4", "lzh", "lzma", "rar", "rpm", "sit", "tar", "taz", "tbz", "tbz2", "tgz",
    "tlz", "txz", "tzst", "war", "wim", "xar", "xz", "z", "zip", "zipx", "zst",
];

/// Documents that are zips inside.
const OFFICE: &[&str] = &[
    "docm", "docx", "dotm", "dotx", "odb", "odc", "odf", "odg", "odi", "odm", "odp", "ods", "odt",
    "otg", "otp", "ots", "ott", "oxps", "potm", "potx", "ppsm", "ppsx", "pptm", "pptx", "vsdm",
    "vsdx", "xlsb", "xlsm", "xlsx", "xltm", "xltx", "xps",
];

/// Named as an archive, or as a volume of one (`.z01`, `.r00`).
pub(super) fn is_named_archive(name: &str) -> bool {
    extension(name).is_some_and(|extension| {
        ARCHIVES.contains(&extension.as_str())
            || matches!(extension.as_bytes(), [b'z' | b'r', digits @ ..]
                if (2..=3).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit))
    })
}

/// An archive by its first [`HEAD`] bytes. A zip is none where the name is of an office document.
pub(super) fn is_archive(name: &str, head: &[u8]) -> bool {
    let at = |offset: usize, magic: &[u8]| {
        head.get(offset..).is_some_and(|bytes| bytes.starts_with(magic))
    };
    if at(0, b"PK\x03\x04") || at(0, b"PK\x05\x06") || at(0, b"PK\x07\x08") {
        return !extension(name).is_some_and(|extension| OFFICE.contains(&extension.as_str()));
    }
    at(0, b"Rar!\x1a\x07")
        || at(0, b"7z\xbc\xaf\x27\x1c")
        || at(0, b"\x1f\x8b\x08")
        || at(0, b"\x1f\x9d")
        || (at(0, b"BZh") && (at(4, b"1AY&SY") || at(4, b"\x17rE8P\x90")))
        || at(0, b"\xfd7zXZ\0")
        || at(0, b"\x28\xb5\x2f\xfd")
        || at(0, b"\x04\x22\x4d\x18")
        || at(0, b"LZIP")
        || at(0, b"MSCF\0\0\0\0")
        || at(0, b"!<arch>\n")
        || at(0, b"xar!")
        || at(0, b"MSWIM\0\0\0")
        || at(7, b"**ACE**")
        || (at(2, b"-lh") && at(6, b"-"))
        || at(257, b"ustar")
}

/// `*` in the pattern stands for any letters, also none; all else for itself.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let mut parts = rest.split('*');
    let last = parts.next_back().unwrap_or_default();
    for part in parts {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_refused_with_the_reason() {
        for (name, expected) in [
            ("", Problem::NameEmpty),
            (".", Problem::Folder),
            ("..", Problem::Folder),
            ("a/b.xml", Problem::Folder),
            ("/a", Problem::Folder),
            ("a/", Problem::Folder),
            ("..\\a.xml", Problem::Folder),
            ("C:a.xml", Problem::NameCharacter),
            ("a\0.xml", Problem::NameCharacter),
            ("a\n.xml", Problem::NameCharacter),
            ("a\u{202e}lmx.exe", Problem::NameCharacter),
            ("a?.xml", Problem::NameCharacter),
            ("a.xml.", Problem::NameEnd),
            ("a.xml ", Problem::NameEnd),
            (" a.xml", Problem::NameEnd),
            ("nul", Problem::NameReserved),
            ("Com1.xml", Problem::NameReserved),
        ] {
            assert_eq!(problem(name, false), Some(expected), "{name:?}");
        }
        assert_eq!(problem(&"я".repeat(128), false), Some(Problem::NameTooLong));
        for name in ["req.xml", "Заявление №1 (копия).pdf", ".hidden", "a..b", "com10.xml", "con-1"]
        {
            assert_eq!(problem(name, false), None, "{name}");
        }
        assert_eq!(problem("a/b.xml", true), None);
        assert_eq!(problem("a/../b.xml", true), Some(Problem::Folder));
        assert_eq!(problem("a//b.xml", true), Some(Problem::NameEmpty));
    }

    #[test]
    fn archives_are_known_by_name_and_by_content() {
        for name in ["a.zip", "a.RAR", "a.tar.gz", "a.7z", "a.z01", "a.r00", "a.jar"] {
            assert!(is_named_archive(name), "{name}");
        }
        for name in ["zip", "a.docx", "a.xml", "a.zip.pdf", "a.z", "a.zoo", "a.rtf"] {
            assert_eq!(is_named_archive(name), name == "a.z", "{name}");
        }
        assert!(is_archive("a.pdf", b"PK\x03\x04"));
        assert!(is_archive("docx", b"PK\x03\x04"));
        assert!(!is_archive("a.DOCX", b"PK\x03\x04"));
        assert!(is_archive("a.docx", b"Rar!\x1a\x07\x00"));
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert!(is_archive("a.bin", &tar));
        for head in [&b"%PDF-1.4"[..], b"<?xml", b"", b"P", b"BZh9 text", b"0\x80", b"\x89PNG"] {
            assert!(!is_archive("a.bin", head));
        }
    }

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name, expected) in [
            ("req.xml", "req.xml", true),
            ("req.xml", "Req.xml", false),
            ("req*.xml", "req.xml", true),
            ("req*.xml", "req_5f.xml", true),
            ("req*.xml", "req.xml.sig", false),
            ("req*.xml", "xreq.xml", false),
            ("*", "", true),
            ("a*a", "a", false),
            ("*b*c*", "abxcx", true),
            ("*b*c", "acb", false),
            ("я*ю", "ябю", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn an_extension_is_shown_only_where_it_is_one() {
        assert_eq!(shown_extension("Иванов.pdf"), ".pdf");
        assert_eq!(shown_extension("req.xml.sig"), ".sig");
        for name in ["Справка.Иванов", "a.Petrov", "noext", "a."] {
            assert_eq!(shown_extension(name), "", "{name}");
        }
    }
}
