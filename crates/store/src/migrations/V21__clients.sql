-- Programs that sign in by themselves, each for one party in one role. Of a secret only its digest is
-- kept: it is random, so nobody can guess it.
CREATE TABLE client (
    tenant_id     {int}     NOT NULL REFERENCES tenant,
    client_id     {uuid}    NOT NULL,
    key           {text}    NOT NULL,
    name          {text}    NOT NULL,
    party         {text}    NOT NULL,
    role          {text}    NOT NULL,
    -- What it proves to be itself with: a secret, or the public part of its key as PEM.
    secret_digest {bytes},
    public_key    {text},
    added_at      {instant} NOT NULL,
    revoked_at    {instant},
    PRIMARY KEY (tenant_id, client_id),
    UNIQUE (tenant_id, key)
){wide};

-- What a client asks with, for some minutes.
CREATE TABLE client_token (
    tenant_id    {int}     NOT NULL,
    token_digest {bytes}   NOT NULL,
    client_id    {uuid}    NOT NULL,
    ends_at      {instant} NOT NULL,
    PRIMARY KEY (tenant_id, token_digest)
){narrow};
