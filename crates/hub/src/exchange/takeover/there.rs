//! A target's list, read from where its files lie.

use super::TakeoverError;
use crate::Hub;
use crate::access;
use crate::access::configuration::TargetFormat;
use crate::connectors;
use crate::exchange::target as configured;
use kobling_domain::id::TenantId;

/// The bytes of the file of that name at the target of that key.
///
/// # Errors
///
/// Refuses a target of messages, which has no place for files, and a name under which none lies.
#[crate::boxed]
pub async fn read_there(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    name: &str,
) -> Result<Vec<u8>, TakeoverError> {
    let configuration = access::load(&mut hub.db.read().await?, tenant).await?;
    let text = configured::text(&configuration, target)?;
    let place = text.place().filter(|_| text.format == TargetFormat::Plan2learn);
    let place = place.ok_or_else(|| TakeoverError::NoPlace { target: target.to_owned() })?;
    let mut there = connectors::connect(&place, &hub.secrets).await?;
    let names: Vec<String> = there.list().await?.into_iter().map(|it| it.name).collect();
    if !names.iter().any(|it| it == name) {
        let (at, name, known) = (place.to_string(), name.to_owned(), names.join(", "));
        return Err(TakeoverError::NotThere { at, name, known });
    }
    Ok(there.read_whole(name).await?)
}
