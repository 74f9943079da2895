-- Those who may sign in, under a name that is theirs alone.
CREATE TABLE account (
    tenant_id   {int}     NOT NULL REFERENCES tenant,
    user_no     {int}     NOT NULL,
    user_id     {uuid}    NOT NULL,
    key         {text}    NOT NULL,
    name        {text}    NOT NULL,
    -- Our own id of the person they are, if we know them.
    person_id   {uuid},
    added_at    {instant} NOT NULL,
    disabled_at {instant},
    PRIMARY KEY (tenant_id, user_no),
    UNIQUE (tenant_id, key)
){wide};

CREATE TABLE account_role (
    tenant_id {int}  NOT NULL,
    user_no   {int}  NOT NULL,
    party     {text} NOT NULL,
    role      {text} NOT NULL,
    PRIMARY KEY (tenant_id, user_no, party, role)
){narrow};

-- Who is signed in. Of a token only its digest is kept: it is random, so nobody can guess it.
CREATE TABLE session (
    tenant_id    {int}     NOT NULL,
    token_digest {bytes}   NOT NULL,
    user_no      {int}     NOT NULL,
    opened_at    {instant} NOT NULL,
    seen_at      {instant} NOT NULL,
    ends_at      {instant} NOT NULL,
    PRIMARY KEY (tenant_id, token_digest)
){narrow};

CREATE INDEX session_of_user ON session (tenant_id, user_no);

-- Links that sign somebody in once.
CREATE TABLE sign_in_link (
    tenant_id    {int}     NOT NULL,
    token_digest {bytes}   NOT NULL,
    user_no      {int}     NOT NULL,
    ends_at      {instant} NOT NULL,
    PRIMARY KEY (tenant_id, token_digest)
){narrow};
