-- What a source sent by itself: one record, or a snapshot that is opened and closed.
CREATE TABLE push (
    tenant_id {int}     NOT NULL,
    source_no {int}     NOT NULL,
    push_no   {int}     NOT NULL,
    id        {uuid}    NOT NULL,
    extent    {text}    NOT NULL,
    state     {text}    NOT NULL,
    opened_by {text}    NOT NULL,
    opened_at {instant} NOT NULL,
    closed_at {instant},
    -- How many records were put, one that was put again counted again.
    puts      {int}     NOT NULL,
    run_no    {int},
    PRIMARY KEY (tenant_id, source_no, push_no),
    UNIQUE (tenant_id, id)
){wide};

-- Its records, sealed until they are read; what stays is whom each was about and what became of it.
CREATE TABLE push_record (
    tenant_id   {int}     NOT NULL,
    source_no   {int}     NOT NULL,
    push_no     {int}     NOT NULL,
    kind        {int}     NOT NULL,
    native_no   {int}     NOT NULL,
    receipt     {uuid}    NOT NULL,
    record_no   {int}     NOT NULL,
    received_at {instant} NOT NULL,
    digest      {bytes}   NOT NULL,
    body        {bytes}   NOT NULL,
    outcome     {text},
    code        {text},
    PRIMARY KEY (tenant_id, source_no, push_no, kind, native_no),
    UNIQUE (tenant_id, receipt)
){wide};

CREATE INDEX push_record_subject ON push_record (tenant_id, source_no, kind, native_no, push_no);
CREATE INDEX push_opened ON push (tenant_id, opened_at);

ALTER TABLE source ADD COLUMN next_push_no {int} NOT NULL DEFAULT 1;
