-- Numbers for the keys of a source whose keys are text, minted once. The seen-state, plans and
-- records set aside are kept under numbers.
CREATE TABLE native_number (
    tenant_id  {int}  NOT NULL,
    source_no  {int}  NOT NULL,
    kind       {int}  NOT NULL,
    native_key {text} NOT NULL,
    native_no  {int}  NOT NULL,
    PRIMARY KEY (tenant_id, source_no, kind, native_key)
){narrow};

CREATE UNIQUE INDEX native_number_by_no ON native_number (tenant_id, source_no, kind, native_no);

-- Persons whom somebody has said to be one: until the link is undone, the first is the second.
CREATE TABLE same_as (
    tenant_id     {int}  NOT NULL,
    subject_no    {int}  NOT NULL,
    since_version {int}  NOT NULL,
    until_version {int}  NOT NULL,
    same_as_no    {int}  NOT NULL,
    who           {text} NOT NULL,
    reason        {text} NOT NULL,
    PRIMARY KEY (tenant_id, subject_no, since_version)
){wide};

-- Pairs of persons whom somebody has said to be two, the lower number first.
CREATE TABLE not_same (
    tenant_id  {int}  NOT NULL,
    subject_no {int}  NOT NULL,
    other_no   {int}  NOT NULL,
    version    {int}  NOT NULL,
    who        {text} NOT NULL,
    reason     {text} NOT NULL,
    PRIMARY KEY (tenant_id, subject_no, other_no)
){wide};
