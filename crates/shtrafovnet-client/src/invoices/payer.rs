use ruapi_core::{Error, Personal};

/// Who pays. The law wants the name in Russian (Требование ФЗ), and the API all three parts of it.
#[derive(Debug, Clone)]
pub struct Payer {
    pub(super) surname: Personal<String>,
    pub(super) name: Personal<String>,
    pub(super) patronymic: Personal<String>,
}

impl Payer {
    /// A payer by surname, given name and patronymic, in Cyrillic letters: hyphens, spaces, dots and
    /// apostrophes may stand between them. Refused: anything else, and a blank part.
    pub fn new(surname: &str, name: &str, patronymic: &str) -> Result<Self, Error> {
        Ok(Self {
            surname: part("wireSurname", surname)?,
            name: part("wireName", name)?,
            patronymic: part("wirePatronymic", patronymic)?,
        })
    }
}

fn part(field: &str, text: &str) -> Result<Personal<String>, Error> {
    let text = text.trim();
    let wrong = |detail| Err(Error::input("payer", format!("{field}: {detail}")));
    if !text.chars().any(is_cyrillic) {
        return wrong("expected a name in Cyrillic letters".to_owned());
    }
    let foreign = |c: &char| !is_cyrillic(*c) && !matches!(c, '-' | ' ' | '.' | '\'' | '’');
    match text.chars().find(foreign) {
        // One letter of a name tells nobody who it is, and the eye does not find a Latin look-alike.
        Some(c) if c.is_ascii_alphabetic() => wrong(format!("`{c}` is a Latin letter")),
        Some(_) => wrong("holds a character that is no Cyrillic letter".to_owned()),
        None => Ok(text.into()),
    }
}

fn is_cyrillic(c: char) -> bool {
    matches!(c, 'А'..='я' | 'Ё' | 'ё')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_in_cyrillic() {
        let payer = Payer::new("Иванов-Ёлкин", " Алексей ", "Д’Арсович").unwrap();
        assert_eq!(payer.name.as_str(), "Алексей");
        assert!(!format!("{payer:?}").contains("Алексей"));
        for (surname, expected) in [
            ("Ivanov", "wireSurname: expected a name in Cyrillic"),
            ("Ивaнов", "wireSurname: `a` is a Latin letter"),
            ("Иванов1", "wireSurname: holds a character"),
            ("", "wireSurname: expected a name"),
            ("-", "wireSurname: expected a name"),
            ("Иванов\n", ""),
            ("Ива\nнов", "wireSurname: holds a character"),
        ] {
            match Payer::new(surname, "Алексей", "Петрович") {
                Ok(_) => assert_eq!(expected, "", "{surname:?}"),
                Err(error) => assert!(error.to_string().contains(expected), "{error}"),
            }
        }
    }
}
