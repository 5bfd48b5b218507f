//! Where a client's requests go.

use std::net::IpAddr;

use crate::error::Error;
use crate::request::Request;

/// A base URL: https, or http on loopback; ends in a slash; no query, fragment, user or password.
#[derive(Clone)]
pub(crate) struct BaseUrl {
    pub(crate) text: String,
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    pub(crate) loopback: bool,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |detail: &'static str| Err(Error::input("base URL", detail));
        let Ok(url) = reqwest::Url::parse(text) else {
            return wrong("not a URL: expected something like https://host/path/");
        };
        let Some(host) = url.host_str() else {
            return wrong("the URL names no host");
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let loopback = bare == "localhost"
            || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return wrong("http is refused except on loopback: use https"),
            _ => return wrong("expected https"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("a user name or password in the URL would show in logs");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return wrong("expected no query and no fragment");
        }
        let mut text = url.to_string();
        if !text.ends_with('/') {
            text.push('/');
        }
        Ok(Self { host: host.to_owned(), port: url.port_or_known_default(), loopback, text })
    }

    pub(crate) fn join(&self, request: &Request) -> String {
        let (path, query) = (request.path(), request.query_string());
        // Room for a key in the query, so that adding one does not allocate again.
        let mut url = String::with_capacity(self.text.len() + path.len() + query.len() + 64);
        url.push_str(&self.text);
        url.push_str(path);
        if !query.is_empty() {
            url.push('?');
            url.push_str(query);
        }
        url
    }
}
