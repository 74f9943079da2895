-- Files that lie where those of a watched source arrive: read once they have looked the same for a
-- while.
CREATE TABLE arriving (
    tenant_id {int}     NOT NULL,
    source_no {int}     NOT NULL,
    name      {text}    NOT NULL,
    bytes     {int}     NOT NULL,
    modified  {instant},
    since     {instant} NOT NULL,
    PRIMARY KEY (tenant_id, source_no, name)
){narrow};

-- What somebody should know who is not looking, and when a letter told them.
CREATE TABLE notice (
    tenant_id  {int}     NOT NULL,
    key        {text}    NOT NULL,
    at         {instant} NOT NULL,
    recipients {json}    NOT NULL,
    language   {text}    NOT NULL,
    detail     {json}    NOT NULL,
    sent_at    {instant},
    PRIMARY KEY (tenant_id, key)
){wide};
