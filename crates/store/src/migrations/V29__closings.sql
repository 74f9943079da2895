-- The gate before each way out: a target, or a webhook. Whoever starts to let something out writes
-- here what, under the lock of the row; whoever closes takes the same lock. So nothing starts after a
-- closing is committed, and what had started is known. It stands apart from what is configured:
-- no configuration opens it.
CREATE TABLE gate (
    tenant_id    {int}  NOT NULL REFERENCES tenant,
    way          {text} NOT NULL,
    key          {text} NOT NULL,
    -- Of what started last. Others that think they are under way have lost their right to it.
    departure_no {int}  NOT NULL,
    -- What is under way, by names that tell nothing of a person; none if nothing is.
    items        {json},
    started_at   {instant},
    -- With which it was shut.
    closing_no   {int},
    PRIMARY KEY (tenant_id, way, key)
){wide};

-- A closing in emergency. The receipt is kept as it was signed, byte for byte. Two people open again.
CREATE TABLE closing (
    tenant_id        {int}     NOT NULL REFERENCES tenant,
    closing_no       {int}     NOT NULL,
    agreement        {text}    NOT NULL,
    target           {text}    NOT NULL,
    ordered_at       {instant} NOT NULL,
    closed_at        {instant} NOT NULL,
    closed_by        {text}    NOT NULL,
    reason           {text}    NOT NULL,
    -- What was refused from then on: clients and webhooks.
    refused          {json}    NOT NULL,
    receipt          {text},
    asked_by         {text},
    asked_at         {instant},
    asked_reason     {text},
    reopened_by      {text},
    reopened_at      {instant},
    reopened_reason  {text},
    PRIMARY KEY (tenant_id, closing_no)
){wide};

-- What was under way when a closing was committed, and what became of it as far as its sender told.
CREATE TABLE closing_departure (
    tenant_id    {int}     NOT NULL,
    closing_no   {int}     NOT NULL,
    way          {text}    NOT NULL,
    key          {text}    NOT NULL,
    departure_no {int}     NOT NULL,
    items        {json}    NOT NULL,
    started_at   {instant} NOT NULL,
    outcomes     {json},
    PRIMARY KEY (tenant_id, closing_no, way, key)
){wide};

-- Since when the secret of a webhook may not be used any more.
ALTER TABLE webhook ADD COLUMN spent_at {instant};
