//! The workspace's README in two languages. What is generated goes into both, and what a reader copies
//! must be the same in both.

use std::path::Path;

use crate::Result;

/// The README in the language of the code, and its translation.
pub(crate) const README: &str = "README.md";
pub(crate) const TRANSLATION: &str = "README.ru.md";

/// The language of a README's words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Russian,
}

impl Language {
    pub(crate) fn of(readme: &Path) -> Self {
        match readme.to_string_lossy().ends_with(".ru.md") {
            true => Self::Russian,
            false => Self::English,
        }
    }

    /// The one of the two that is in this language.
    pub(crate) fn choose<'a>(self, english: &'a str, russian: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Russian => russian,
        }
    }
}

/// Fails if the translation's code blocks, headings or tables are not those of the original.
pub(crate) fn check() -> Result {
    let read = |name| std::fs::read_to_string(crate::root().join(name));
    compare(&read(README)?, &read(TRANSLATION)?)
}

fn compare(original: &str, translation: &str) -> Result {
    let (original, translation) = (Outline::of(original), Outline::of(translation));
    let (blocks, translated) = (&original.blocks, &translation.blocks);
    let differing = blocks.iter().zip(translated).position(|(block, other)| block != other);
    if let Some(place) = differing {
        let first = blocks[place].lines().nth(1).unwrap_or_default();
        return Err(format!("{TRANSLATION}: the code block of `{first}` is not {README}'s").into());
    }
    if blocks.len() != translated.len() {
        let (wanted, found) = (blocks.len(), translated.len());
        return Err(format!("{TRANSLATION} has {found} code blocks, {README} {wanted}").into());
    }
    let levels =
        |outline: &Outline| outline.parts.iter().map(|part| part.level).collect::<Vec<_>>();
    if levels(&original) != levels(&translation) {
        return Err(format!("{TRANSLATION} has other levels of headings than {README}").into());
    }
    let mut parts = original.parts.iter().zip(&translation.parts);
    match parts.find(|(part, other)| part.table_lines != other.table_lines) {
        Some((part, other)) => {
            let (wanted, found) = (part.table_lines, other.table_lines);
            let heading = &part.heading;
            Err(format!("{TRANSLATION}: {found} lines of tables where {README} has {wanted}, below `{heading}`").into())
        }
        None => Ok(()),
    }
}

/// What both languages have in common.
#[derive(Default)]
struct Outline {
    /// With their fences, which name the language.
    blocks: Vec<String>,
    parts: Vec<Part>,
}

/// What is below a heading.
struct Part {
    heading: String,
    level: usize,
    table_lines: usize,
}

impl Outline {
    fn of(text: &str) -> Self {
        let mut outline = Self::default();
        let mut is_code = false;
        for line in text.lines() {
            let is_fence = line.starts_with("```");
            if is_fence && !is_code {
                outline.blocks.push(String::new());
            }
            if is_fence || is_code {
                if let Some(block) = outline.blocks.last_mut() {
                    block.push_str(line);
                    block.push('\n');
                }
            } else if line.starts_with('#') {
                let level = line.bytes().take_while(|byte| *byte == b'#').count();
                outline.parts.push(Part { heading: line.to_owned(), level, table_lines: 0 });
            } else if let Some(part) = outline.parts.last_mut().filter(|_| line.starts_with('|')) {
                part.table_lines += 1;
            }
            is_code ^= is_fence;
        }
        outline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGINAL: &str = "\
# Title

Words

## Call

| a |
|---|
| 1 |

```rust
# hidden
let a = 1;
```

```sh
ls
```
";

    #[test]
    fn the_translation_follows_the_original() {
        check().unwrap();
    }

    #[test]
    fn words_may_differ_but_no_code_no_level_and_no_row() {
        let refused = |translation: &str| compare(ORIGINAL, translation).unwrap_err().to_string();
        compare(ORIGINAL, &ORIGINAL.replace("Title", "Имя").replace("Words\n", "Слова\nи ещё\n"))
            .unwrap();
        assert!(refused(&ORIGINAL.replace("a = 1", "a = 2")).contains("`# hidden`"));
        assert!(refused(&ORIGINAL.replace("```rust", "```text")).contains("`# hidden`"));
        assert!(refused(&ORIGINAL.replace("\n```sh\nls\n```\n", "")).contains("1 code blocks"));
        assert!(refused(&ORIGINAL.replace("## Call", "### Call")).contains("headings"));
        assert!(refused(&ORIGINAL.replace("## Call\n", "")).contains("headings"));
        assert!(refused(&ORIGINAL.replace("| 1 |\n", "")).contains("2 lines of tables"));
    }
}
