-- Who is employed where, for lists and search. Derived from open claims; can be rebuilt.
CREATE TABLE roster (
    tenant_id   {int}  NOT NULL,
    subject_no  {int}  NOT NULL,
    source_no   {int}  NOT NULL,
    valid_from  {date} NOT NULL,
    valid_until {date},
    person_no   {int},
    unit_no     {int},
    sort_key    {text} NOT NULL,
    name        {text} NOT NULL,
    title       {text} NOT NULL,
    PRIMARY KEY (tenant_id, subject_no, source_no, valid_from)
){narrow};

CREATE INDEX roster_unit ON roster (tenant_id, unit_no, sort_key);
CREATE INDEX roster_name ON roster (tenant_id, sort_key);
