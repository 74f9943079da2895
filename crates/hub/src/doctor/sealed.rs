use super::Finding;
use crate::Hub;
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::sealed::stored;

/// What is still sealed with older keys; nothing where there is one key only.
pub(super) async fn examine(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
) -> Result<Option<Finding>, StoreError> {
    let what = "sealing keys";
    let known = hub.keys.known();
    let [current, _, ..] = known.as_slice() else { return Ok(None) };
    let all = stored::all(tx, tenant).await?;
    let behind = all.saturating_sub(stored::under(tx, tenant, *current).await?);
    let found = format!("{behind} of {all} values are not sealed with the key {current}");
    Ok(Some(match behind {
        0 => Finding::ok(what, format!("all {all} values are sealed with the key {current}")),
        _ => Finding::warning(
            what,
            found,
            "run `kobling keys reseal`; it can be stopped and run again",
        ),
    }))
}
