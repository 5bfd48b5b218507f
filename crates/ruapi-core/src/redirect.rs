//! The one kind of redirect that may be followed: within the server that was asked.

use http::header;

use crate::transport::{HttpRequest, HttpResponse};

/// The request to go on with, if `answer` leads somewhere on the same server; `None`: do not follow.
pub(crate) fn target(mut request: HttpRequest, answer: &HttpResponse) -> Option<HttpRequest> {
    if !answer.status.is_redirection() {
        return None;
    }
    let location = answer.headers.get(header::LOCATION)?.to_str().ok()?;
    let asked = reqwest::Url::parse(&request.url).ok()?;
    let target = asked.join(location).ok()?;
    // Scheme, host and port: the credential goes along.
    let is_same = target.origin() == asked.origin()
        && target.username().is_empty()
        && target.password().is_none();
    request.url = target.into();
    is_same.then_some(request)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, Method, StatusCode};

    use super::*;

    #[test]
    fn only_the_same_server_is_followed() {
        let target = |status: u16, location: &str| {
            let url = "https://lk.gosuslugi.ru/api/a?b=1".to_owned();
            let request = HttpRequest::new(Method::GET, url, HeaderMap::new(), Bytes::new());
            let mut headers = HeaderMap::new();
            headers.insert(header::LOCATION, location.parse().unwrap());
            let status = StatusCode::from_u16(status).unwrap();
            let answer = HttpResponse::new(status, headers, Bytes::new().into());
            target(request, &answer).map(|request| request.url)
        };
        let on = |path: &str| Some(format!("https://lk.gosuslugi.ru{path}"));
        assert_eq!(target(302, "/files/1"), on("/files/1"));
        assert_eq!(target(307, "c?d=2"), on("/api/c?d=2"));
        assert_eq!(target(301, "https://lk.gosuslugi.ru:443/x"), on("/x"));
        for elsewhere in [
            "http://lk.gosuslugi.ru/x",
            "https://lk.gosuslugi.ru:8443/x",
            "https://evil.example/x",
            "//evil.example/x",
            "https://user@lk.gosuslugi.ru/x",
            "https://lk.gosuslugi.ru.evil.example/",
            "file:///etc/passwd",
        ] {
            assert_eq!(target(302, elsewhere), None, "{elsewhere}");
        }
        assert_eq!(target(200, "/x"), None);
    }
}
