//! Which fines: the filters that both lists of fines share.

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::Value;
use shtrafovnet_client::fines::{
    DocumentFilter, Filtered, FineField, FineFlag, OrganisationFilter, PaidFilter,
};
use shtrafovnet_client::{Call, Fine};

use super::input::{choice, given};
use super::list::View;
use crate::date::{day, from_moment, to_moment};
use crate::output::{self, Plain};

#[derive(clap::Args)]
#[command(next_help_heading = "Filters (several values: with commas, or the option again)")]
pub(super) struct Filters {
    /// Only fines in these states of payment (Статус оплаты, `paid`)
    #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = choice!(PaidFilter))]
    paid: Vec<PaidFilter>,
    /// Only fines issued for these documents: СТС, ВУ, passport… (Документ, `doc`)
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = choice!(DocumentFilter))]
    doc: Vec<DocumentFilter>,
    /// Only fines of these organisations: ГИБДД, АМПП, МАДИ, ФССП (Организация, `org`)
    #[arg(long, value_name = "NAME", value_delimiter = ',',
          value_parser = choice!(OrganisationFilter))]
    org: Vec<OrganisationFilter>,
    /// Only fines for which all of this is true (Фильтрация данных, `filters`)
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_parser = choice!(FineFlag))]
    only: Vec<FineFlag>,
    /// Decided on this day or later: YYYY-MM-DD or DD.MM.YYYY (Дата постановления, `started`)
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<NaiveDate>,
    /// Decided on this day or earlier (`ended`)
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<NaiveDate>,
    /// Changed at this moment or later: a day, or YYYY-MM-DD HH:MM:SS, most likely in Moscow's time
    /// (Дата/время последнего обновления, `update_started`)
    #[arg(long, value_name = "MOMENT", value_parser = from_moment)]
    updated_from: Option<NaiveDateTime>,
    /// Changed at this moment or earlier; of a day, all of it (`update_ended`)
    #[arg(long, value_name = "MOMENT", value_parser = to_moment)]
    updated_to: Option<NaiveDateTime>,
    /// Added to the service at this moment or later (Дата/время добавления, `create_started`)
    #[arg(long, value_name = "MOMENT", value_parser = from_moment)]
    added_from: Option<NaiveDateTime>,
    /// Added at this moment or earlier (`create_ended`)
    #[arg(long, value_name = "MOMENT", value_parser = to_moment)]
    added_to: Option<NaiveDateTime>,
    /// Only the fines with these numbers (Номер постановления, УИН, `uins`)
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    uin: Vec<String>,
    /// Only fines with this in their number (Часть номера постановления, `uin_search`)
    #[arg(long, value_name = "DIGITS")]
    uin_part: Option<String>,
    /// Only these fields, by the API's names, and `id` (Получаемые поля штрафа, `fields`); the
    /// document has it for a car's fines
    #[arg(long, value_name = "NAME", value_delimiter = ',', hide_possible_values = true,
          value_parser = choice!(FineField))]
    field: Vec<FineField>,
}

impl Filters {
    pub(super) fn apply<O: Filtered>(&self, call: Call<O>) -> Call<O> {
        let call = given(call, &self.paid, Call::paid);
        let call = given(call, &self.doc, Call::doc);
        let call = given(call, &self.org, Call::org);
        let call = given(call, &self.only, Call::filters);
        let call = given(call, &self.uin, Call::uins::<String>);
        let mut call = given(call, &self.field, Call::fields);
        if let Some(day) = self.from {
            call = call.started(day);
        }
        if let Some(day) = self.to {
            call = call.ended(day);
        }
        if let Some(moment) = self.updated_from {
            call = call.update_started(moment);
        }
        if let Some(moment) = self.updated_to {
            call = call.update_ended(moment);
        }
        if let Some(moment) = self.added_from {
            call = call.create_started(moment);
        }
        if let Some(moment) = self.added_to {
            call = call.create_ended(moment);
        }
        if let Some(part) = &self.uin_part {
            call = call.uin_search(part);
        }
        call
    }

    /// The fields of a fine that were chosen, the identifier first; `None`: all of them.
    pub(super) fn fields(&self) -> Option<Vec<FineField>> {
        let mut fields = vec![FineField::Id];
        for field in &self.field {
            if !fields.contains(field) {
                fields.push(field.clone());
            }
        }
        (!self.field.is_empty()).then_some(fields)
    }

    /// How a list is shown: fields that were not chosen are not in the answer.
    pub(super) fn view(&self) -> View<Fine> {
        let Some(fields) = self.fields() else { return View::usual() };
        let names: Vec<&str> = fields.iter().map(FineField::as_str).collect();
        let header = names.join("\t");
        let chosen = fields.clone();
        View {
            header,
            row: Box::new(move |fine| {
                let cells = cells(fine, &fields);
                cells.map(|cell| Plain(&cell).to_string()).collect::<Vec<_>>().join("\t")
            }),
            json: Box::new(move |fine| only(fine, &chosen)),
        }
    }
}

/// These fields of a fine as texts; a missing one is empty.
pub(super) fn cells(fine: &Fine, fields: &[FineField]) -> impl Iterator<Item = String> {
    let values = serde_json::to_value(fine).unwrap_or_default();
    fields.iter().map(move |field| match (field, &values[field.as_str()]) {
        (FineField::Pics, _) => fine.pics.urls().collect::<Vec<_>>().join(" "),
        (_, Value::Null) => String::new(),
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    })
}

/// These fields of a fine as JSON.
pub(super) fn only(fine: &Fine, fields: &[FineField]) -> String {
    let mut values = serde_json::to_value(fine).unwrap_or_default();
    if let Some(values) = values.as_object_mut() {
        values.retain(|name, value| {
            !value.is_null() || fields.iter().any(|field| field.as_str() == name)
        });
    }
    output::to_json(&values)
}
