-- Addresses at which programs of parties are told what happens. With stopped_at nobody tells them.
CREATE TABLE webhook (
    tenant_id    {int}   NOT NULL REFERENCES tenant,
    key          {text}  NOT NULL,
    -- With what is signed, sealed.
    secret       {bytes} NOT NULL,
    -- The version of the ledger that it was told of last.
    told_version {int}   NOT NULL,
    next_no      {int}   NOT NULL,
    stopped_at   {instant},
    -- What the address said last, and when.
    said         {text},
    said_at      {instant},
    PRIMARY KEY (tenant_id, key)
){wide};

-- What it is told, in order. An event of one name is told once. It holds nothing of a person.
CREATE TABLE webhook_event (
    tenant_id {int}     NOT NULL,
    webhook   {text}    NOT NULL,
    event_no  {int}     NOT NULL,
    name      {text}    NOT NULL,
    at        {instant} NOT NULL,
    detail    {json}    NOT NULL,
    sent_at   {instant},
    PRIMARY KEY (tenant_id, webhook, event_no),
    UNIQUE (tenant_id, webhook, name)
){wide};
