-- What a sign-in service calls a user, where that is not their name here.
ALTER TABLE account ADD COLUMN subject {text};
CREATE UNIQUE INDEX account_subject ON account (tenant_id, subject) WHERE subject IS NOT NULL;
