-- The audit is chained batch by batch: a digest is over the one before it and the entries of its
-- batch. Whoever changes, adds or removes an entry must change every later digest too.
CREATE TABLE audit_batch (
    tenant_id {int}   NOT NULL,
    last_no   {int}   NOT NULL,
    first_no  {int}   NOT NULL,
    digest    {bytes} NOT NULL,
    PRIMARY KEY (tenant_id, last_no)
){narrow};

-- Of whom an entry says that their data was read.
CREATE TABLE audit_subject (
    tenant_id  {int}  NOT NULL,
    subject_id {uuid} NOT NULL,
    audit_no   {int}  NOT NULL,
    PRIMARY KEY (tenant_id, subject_id, audit_no)
){narrow};
