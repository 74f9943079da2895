use crate::access::configuration::Configuration;
use jiff::civil::Date;
use kobling_domain::exchange::{Authority, Line, Topic};
use kobling_domain::id::SourceNo;
use kobling_domain::people::Rules;
use kobling_domain::time::{OPEN_START, Validity};
use kobling_store::exchange::source::Source;

/// By what views are derived, as configured: the authority table with the sources' numbers, and
/// the ranking of employments. A line whose days are empty says nothing.
pub fn rules(configuration: &Configuration, sources: &[Source]) -> Rules {
    let number = |key: &String| sources.iter().find(|it| it.key == *key).map(|it| it.no);
    let order: Vec<SourceNo> =
        configuration.sources.iter().filter_map(|it| number(&it.key)).collect();
    let lines = configuration.authorities.iter().flat_map(|it| {
        let (topic, validity) = (Topic::Field(it.field), days(it.from, it.until));
        let asked = it.sources.iter().filter_map(number);
        asked.filter_map(move |source| Some(Line { topic, source, validity: validity? }))
    });
    let ranking = configuration.tenant.primary_employment.clone();
    Rules { authority: Authority::new(order, lines.collect()), ranking }
}

fn days(from: Option<Date>, until: Option<Date>) -> Option<Validity> {
    Validity::new(from.unwrap_or(OPEN_START), until).ok()
}
