//! `cargo xtask leaks`: plants secrets and people's data in every credential, input and answer, and looks for
//! them in all that is shown.

mod calls;
mod cli;
mod echo;
mod log;
mod recorded;
mod search;
mod types;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use ruapi_core::test_util::Captured;

use crate::Result;
use crate::operations::planted::{PERSONAL, SECRETS};
use search::Search;

/// What is looked for, and what was found so far.
pub(crate) struct Hunt {
    everything: Search,
    secrets: Search,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many texts were searched, and how many bytes they have, by the kind of place.
    searched: BTreeMap<String, (usize, usize)>,
    found: Vec<String>,
}

impl Hunt {
    fn new() -> Result<Self> {
        Ok(Self {
            everything: Search::new(SECRETS.iter().chain(PERSONAL).copied())?,
            secrets: Search::new(SECRETS.iter().copied())?,
            state: Mutex::default(),
        })
    }

    /// Searches a text where nothing that was planted may show.
    fn search(&self, place: &str, title: &str, text: &[u8]) {
        self.search_for(&self.everything, place, title, text);
    }

    /// Searches a text that whoever asked gets: only secrets may not show.
    fn search_for_secrets(&self, place: &str, title: &str, text: &[u8]) {
        self.search_for(&self.secrets, place, title, text);
    }

    fn search_for(&self, search: &Search, place: &str, title: &str, text: &[u8]) {
        let found = search.found_in(text);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (texts, bytes) = state.searched.entry(place.to_owned()).or_default();
        *texts += 1;
        *bytes += text.len();
        for (value, spelling) in found {
            state.found.push(format!("{title}: {place} shows {value} {spelling}"));
        }
    }

    /// Tells how far it is.
    fn progress(&self, what: &str, start: Instant) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let texts: usize = state.searched.values().map(|(texts, _)| texts).sum();
        let found = state.found.len();
        eprintln!("{what} searched: {texts} texts so far, {found} found, {:.0?}", start.elapsed());
    }

    /// Where there was nothing to be found, the search proves nothing.
    fn note_empty_places(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let empty = state.searched.iter().filter(|(_, (_, bytes))| *bytes == 0);
        let empty: Vec<_> = empty.map(|(place, _)| format!("{place} is empty")).collect();
        state.found.extend(empty);
    }

    /// Something that is wrong besides.
    fn note(&self, text: String) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).found.push(text);
    }
}

pub(crate) async fn run(arguments: &[&str]) -> Result {
    if !arguments.is_empty() {
        return Err("usage: cargo xtask leaks".into());
    }
    let start = Instant::now();
    let hunt = Hunt::new()?;
    log::listen();
    let (panics, told) = (std::panic::take_hook(), Captured::default());
    let writer = told.clone();
    std::panic::set_hook(Box::new(move |panic| {
        let _ = writeln!(writer.clone(), "{panic}");
        // Calls are made on threads without a name: this is a panic of the hunt itself.
        if std::thread::current().name().is_some() {
            eprintln!("{panic}");
        }
    }));
    tokio::task::block_in_place(|| calls::hunt(&hunt))?;
    hunt.progress("calls", start);
    tokio::task::block_in_place(|| types::hunt(&hunt))?;
    hunt.progress("what is read without calls", start);
    recorded::hunt(&hunt).await?;
    hunt.progress("what is recorded", start);
    cli::hunt(&hunt).await?;
    std::panic::set_hook(panics);
    let others = log::others();
    let lines: Vec<&str> = others.lines().collect();
    // All of it at once, decoded again and again, would take gigabytes.
    for some in lines.chunks(1000) {
        hunt.search("the log of other threads", "all calls", some.join("\n").as_bytes());
    }
    if lines.is_empty() {
        hunt.note("the log of other threads is empty".to_owned());
    }
    // There are none where all is well.
    if !told.text().is_empty() {
        hunt.search("panics", "all calls", told.text().as_bytes());
    }
    hunt.note_empty_places();
    let (values, spellings) = hunt.everything.size();
    let state = hunt.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("{values} planted values in {spellings} spellings were looked for in:\n");
    println!("| place | texts | KiB | found |\n| --- | --- | --- | --- |");
    let mut all = 0;
    for (place, (texts, bytes)) in &state.searched {
        let shows = format!(": {place} shows ");
        let found = state.found.iter().filter(|found| found.contains(&shows)).count();
        println!("| {place} | {texts} | {} | {found} |", bytes / 1024);
        all += texts;
    }
    println!("\n{all} texts, {} found, {:.0?}", state.found.len(), start.elapsed());
    match state.found.is_empty() {
        true => Ok(()),
        false => Err(state.found.join("\n").into()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, Method, header};
    use ruapi_core::transport::{HttpRequest, Transport};

    use super::echo::{Echo, Odd, Spelled};
    use super::*;
    use crate::operations::planted::{LAST_NAME, PLATE, TOKEN};

    #[test]
    fn what_shows_is_found_where_it_may_not() {
        let hunt = Hunt::new().unwrap();
        hunt.search("a place", "a call", format!("of {LAST_NAME}").as_bytes());
        hunt.search_for_secrets("stdout", "a call", format!("of {LAST_NAME}: {TOKEN}").as_bytes());
        hunt.search("a place", "a call", b"of nobody");
        hunt.search("another place", "a call", b"");
        hunt.note_empty_places();
        let state = hunt.state.into_inner().unwrap();
        let found = [
            format!("a call: a place shows {LAST_NAME} as it stands"),
            format!("a call: stdout shows {TOKEN} as it stands"),
            "another place is empty".to_owned(),
        ];
        assert_eq!(state.found, found);
        assert_eq!(state.searched["a place"].0, 2);
    }

    #[tokio::test]
    async fn a_server_repeats_all_it_was_told() {
        let hunt = Hunt::new().unwrap();
        let operations = crate::operations::all().unwrap();
        let operation = Arc::new(operations.into_iter().next().unwrap());
        for odd in Odd::echoes() {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(TOKEN));
            let url = "http://127.0.0.1:1/x".to_owned();
            let request = HttpRequest::new(Method::POST, url, headers, Bytes::from(PLATE));
            let mut answer = Echo::new(&operation, &odd).send(request).await.unwrap();
            let mut text = format!("{:?} ", answer.headers).into_bytes();
            text.extend(answer.body.chunk().await.unwrap().unwrap_or_default());
            let found = hunt.everything.found_in(&text);
            assert!(found.contains_key(TOKEN) && found.contains_key(PLATE), "{odd:?}");
        }
        assert!(Odd::echoes().contains(&Odd::Page(503, Spelled::Base64)));
    }
}
