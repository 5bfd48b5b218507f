//! Tables in READMEs, between markers: what is there is written by the automation.

use std::path::Path;

use crate::Result;

/// Puts `text` between `<!-- name -->` and `<!-- /name -->`; or says that it is not there.
pub(crate) fn paste(readme: &Path, name: &str, text: &str, write: bool) -> Result {
    let (start, end) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let old = std::fs::read_to_string(readme)?;
    let markers = || format!("{} has no {start} … {end}", readme.display());
    let (before, rest) = old.split_once(&start).ok_or_else(markers)?;
    let (_, after) = rest.split_once(&end).ok_or_else(markers)?;
    let pasted = format!("{before}{start}\n{text}{end}{after}");
    if pasted == old {
        return Ok(());
    }
    if !write {
        let shown = readme.display();
        return Err(format!("the table in {shown} is old; `cargo xtask {name}` writes it").into());
    }
    Ok(std::fs::write(readme, pasted)?)
}
