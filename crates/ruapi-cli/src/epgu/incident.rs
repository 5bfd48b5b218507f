//! `ruapi epgu incident`: the report of appendix 2, from what a failed command kept.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use epgu_gusmev::{INCIDENT_ADDRESS, Incident};
use serde_json::json;

use super::input::instant;
use crate::exit::{self, Failure};
use crate::global::Format;
use crate::output;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What a command with --incident FILE kept of its failure
    file: PathBuf,
    /// The system's mnemonic (мнемоника ИС)
    #[arg(long, value_name = "NAME", requires = "client_id")]
    mnemonic: Option<String>,
    /// The system's identifier at ESIA, `client_id` in the token
    #[arg(long, value_name = "ID", requires = "mnemonic")]
    client_id: Option<String>,
    /// Who the application was for. Personal data: it is in the report only if you give it here
    #[arg(long, value_name = "TEXT")]
    recipient: Option<String>,
    /// It was sent to production, through another address (--base-url)
    #[arg(long)]
    production: bool,
    /// It was sent to the test environment (SVCDEV), through another address (--base-url)
    #[arg(long, conflicts_with = "production")]
    svcdev: bool,
    /// When the token was obtained: a day, YYYY-MM-DD HH:MM:SS (Moscow's time), or RFC 3339
    #[arg(long, value_name = "MOMENT", value_parser = instant)]
    token_obtained_at: Option<DateTime<Utc>>,
    /// The request's parameters, for production made anonymous
    #[arg(long, value_name = "TEXT")]
    parameters: Option<String>,
    /// What happened
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// What your own analysis found
    #[arg(long, value_name = "TEXT")]
    analysis: Option<String>,
}

impl Args {
    pub(crate) fn run(&self, format: Format) -> Result<u8, Failure> {
        let text = std::fs::read_to_string(&self.file)
            .map_err(|error| Failure::local("the report of the incident", &error))?;
        let mut incident: Incident = serde_json::from_str(&text)
            .map_err(|_| Failure::input("this is no report that --incident kept"))?;
        if let (Some(mnemonic), Some(client_id)) = (&self.mnemonic, &self.client_id) {
            incident = incident.system(mnemonic, client_id);
        }
        if self.production || self.svcdev {
            incident = incident.production(self.production);
        }
        if let Some(moment) = self.token_obtained_at {
            incident = incident.token_obtained_at(moment);
        }
        for (text, say) in [
            (&self.recipient, Incident::recipient as fn(Incident, String) -> Incident),
            (&self.parameters, Incident::parameters),
            (&self.description, Incident::description),
            (&self.analysis, Incident::analysis),
        ] {
            if let Some(text) = text {
                incident = say(incident, text.clone());
            }
        }
        let text = match format {
            Format::Human => {
                format!("To: {INCIDENT_ADDRESS}\nSubject: {}\n\n{incident}", incident.subject())
            }
            Format::Json => output::to_json(&json!({
                "to": INCIDENT_ADDRESS,
                "subject": incident.subject(),
                "text": incident.to_string(),
                "incident": incident,
            })),
        };
        output::line(&text).map(|()| exit::OK)
    }
}
