//! Work that went wrong and that nobody looks at.

use super::Finding;
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::job::{self, Waiting};

/// Sources that could not be looked at, and letters that have not left.
pub(super) async fn examine(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Finding>, StoreError> {
    let jobs = job::list(tx).await?;
    let ours = jobs.iter().filter(|it| it.tenant == tenant);
    Ok(ours.filter_map(finding).collect())
}

fn finding(it: &Waiting) -> Option<Finding> {
    let error = it.error.clone()?;
    let key = &it.key;
    match it.kind.as_str() {
        job::READ => Some(Finding::warning(
            format!("source {key}: timetable"),
            error,
            format!("try `kobling source test {key}`; it is looked at again by itself"),
        )),
        job::NOTIFY => Some(Finding::warning(
            format!("letter {key}"),
            error,
            "look at [mail] in kobling.toml and at the address of the party (`mail`)",
        )),
        _ => None,
    }
}
