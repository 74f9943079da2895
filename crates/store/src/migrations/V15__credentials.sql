-- What a user proves to be themselves with, where nobody else vouches for them.
CREATE TABLE credential (
    tenant_id    {int}     NOT NULL,
    user_no      {int}     NOT NULL,
    -- Argon2id, with its salt and cost.
    password     {text}    NOT NULL,
    set_at       {instant} NOT NULL,
    -- The secret of a code app, sealed, and the last of its half minutes that was used.
    code_secret  {bytes},
    code_step    {int}     NOT NULL,
    failures     {int}     NOT NULL,
    locked_until {instant},
    PRIMARY KEY (tenant_id, user_no)
){wide};
