-- What changed since a version is read from these two. The second is empty after a first load.
CREATE INDEX claim_begun ON claim (tenant_id, since_version, subject_no);
CREATE INDEX claim_ended ON claim (tenant_id, until_version, subject_no)
    WHERE until_version < 9223372036854775807;

-- The last change that a tenant's roster tells of.
CREATE TABLE roster_place (
    tenant_id  {int} NOT NULL PRIMARY KEY,
    version    {int} NOT NULL,
    subject_no {int} NOT NULL
){narrow};
