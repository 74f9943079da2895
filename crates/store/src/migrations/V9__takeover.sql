-- The list of what a target held before its first delivery. Until it is released, nothing leaves.
CREATE TABLE takeover (
    tenant_id   {int}     NOT NULL,
    target      {text}    NOT NULL,
    list        {text}    NOT NULL,
    listed_at   {instant} NOT NULL,
    released_by {text},
    reason      {text},
    released_at {instant},
    PRIMARY KEY (tenant_id, target)
){wide};

-- Each entry of it, sealed, and whom of ours it was taken for.
CREATE TABLE takeover_entry (
    tenant_id  {int}     NOT NULL,
    target     {text}    NOT NULL,
    entry_no   {int}     NOT NULL,
    body       {bytes}   NOT NULL,
    verdict    {text},
    subject_id {uuid},
    decided_by {text},
    reason     {text},
    decided_at {instant},
    PRIMARY KEY (tenant_id, target, entry_no)
){wide};
