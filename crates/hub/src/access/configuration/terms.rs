//! What of a target is agreed on: where data go, to whom, and what of it in which form. The rest is the
//! daily matter of whoever runs the connection.

use super::{FtpsText, HttpText, SftpText, TargetText};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is agreed on of a target, by the name of its entry: `target.folder`, `target.sftp.host`.
pub(crate) type Terms = BTreeMap<String, Value>;

impl TargetText {
    /// What is agreed on of it; an entry that says nothing is left out.
    pub(crate) fn terms(&self) -> Terms {
        // Named in full, so that whoever adds an entry decides whose matter it is.
        let Self {
            key: _,
            system,
            format,
            profile,
            folder: _,
            sftp: _,
            ftps: _,
            encoding: _,
            groups,
            http: _,
            future,
            ended,
            inactivated: _,
            holds_data: _,
            drift: _,
            brakes: _,
            patience: _,
            owner,
            delivery: _,
        } = self;
        let mut terms = self.place_terms();
        let own = [
            ("system", json!(system)),
            ("format", json!(format)),
            ("profile", json!(profile)),
            ("groups", json!(groups)),
            ("future", json!(future)),
            ("ended", json!(ended)),
            ("owner", json!(owner)),
        ];
        terms.extend(named("target", own));
        terms
    }

    /// Where it lies, and how that is known to be the right place.
    fn place_terms(&self) -> Terms {
        let mut terms: Terms = named("target", [("folder", json!(self.folder))]).collect();
        if let Some(it) = &self.sftp {
            let SftpText { host, port, user, path, host_key, .. } = it;
            let SftpText { key_file: _, password_env: _, time_limit_s: _, .. } = it;
            let own = [
                ("host", json!(host)),
                ("port", json!(port)),
                ("user", json!(user)),
                ("path", json!(path)),
                ("host_key", json!(host_key)),
            ];
            terms.extend(named("target.sftp", own));
        }
        if let Some(it) = &self.ftps {
            let FtpsText { host, port, user, path, ca_file, .. } = it;
            let FtpsText { password_env: _, rename: _, time_limit_s: _, .. } = it;
            let own = [
                ("host", json!(host)),
                ("port", json!(port)),
                ("user", json!(user)),
                ("path", json!(path)),
                ("ca_file", json!(ca_file)),
            ];
            terms.extend(named("target.ftps", own));
        }
        if let Some(it) = &self.http {
            let HttpText { url, method, token_file: _, ca_file, time_limit_s: _ } = it;
            let own = [("url", json!(url)), ("method", json!(method)), ("ca_file", json!(ca_file))];
            terms.extend(named("target.http", own));
        }
        terms
    }

    /// This target with what is agreed on in `agreed`. What belongs to a place (who logs in there, how
    /// long it may take) goes with the place, and of another format everything does.
    pub(crate) fn under(&self, agreed: &Self) -> Self {
        if self.format != agreed.format {
            return agreed.clone();
        }
        let at = if self.place_terms() == agreed.place_terms() { self } else { agreed };
        Self {
            system: agreed.system.clone(),
            profile: agreed.profile,
            groups: agreed.groups.clone(),
            future: agreed.future,
            ended: agreed.ended,
            owner: agreed.owner.clone(),
            folder: at.folder.clone(),
            sftp: at.sftp.clone(),
            ftps: at.ftps.clone(),
            http: at.http.clone(),
            ..self.clone()
        }
    }
}

fn named<const N: usize>(
    of: &str,
    entries: [(&str, Value); N],
) -> impl Iterator<Item = (String, Value)> {
    let says = |it: &Value| match it {
        Value::Null => false,
        Value::Array(all) => !all.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => true,
    };
    entries
        .into_iter()
        .filter(move |(_, it)| says(it))
        .map(move |(name, it)| (format!("{of}.{name}"), it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    fn target(text: &str) -> TargetText {
        let head = "key = \"plan2learn\"\nsystem = \"plan2learn\"\nformat = \"plan2learn\"\n";
        TargetText::deserialize(toml::Deserializer::parse(&format!("{head}{text}")).unwrap())
            .unwrap()
    }

    const SERVER: &str = "[sftp]\nhost = \"a.example\"\nuser = \"kobling\"\nkey_file = \"old\"\n";

    #[test]
    fn the_daily_matter_of_a_target_is_taken_and_what_is_agreed_on_stays() {
        let held = target(&format!("profile = \"viborg\"\n{SERVER}"));
        let server = SERVER.replace("old", "new");
        let wanted =
            target(&format!("profile = \"viborg\"\ndelivery = \"when_changed\"\n{server}"));
        assert_eq!(wanted.under(&held), wanted, "nothing that is agreed on differs");
        let wanted = target(&format!("profile = \"rsd\"\ndelivery = \"when_changed\"\n{server}"));
        let under = wanted.under(&held);
        assert_eq!(under.terms(), held.terms());
        assert_eq!(under.delivery, wanted.delivery);
        assert_eq!(under.sftp, wanted.sftp);
    }

    #[test]
    fn who_logs_in_at_a_place_goes_with_the_place() {
        let held = target(SERVER);
        for elsewhere in [
            SERVER.replace("a.example", "b.example").replace("old", "new"),
            "folder = \"here\"".to_owned(),
        ] {
            let wanted = target(&elsewhere);
            assert_eq!(wanted.under(&held), held);
            assert_eq!(held.under(&wanted), wanted);
        }
    }
}
