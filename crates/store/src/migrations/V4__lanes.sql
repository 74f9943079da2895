-- How far each target has followed the ledger, under which configuration, and how fast it takes.
CREATE TABLE target (
    tenant_id    {int}  NOT NULL REFERENCES tenant,
    target_no    {int}  NOT NULL,
    key          {text} NOT NULL,
    done_version {int}  NOT NULL,
    done_on      {date},
    basis        {bytes},
    gap_ms       {int}  NOT NULL,
    failures     {int}  NOT NULL,
    rests_until  {instant},
    PRIMARY KEY (tenant_id, target_no),
    UNIQUE (tenant_id, key)
){wide};

-- A lane for each subject of each target: the digest of what it should have, of what it has, and
-- the last message it took. A digest of zeros is something that is not known.
CREATE TABLE target_subject (
    tenant_id     {int} NOT NULL,
    target_no     {int} NOT NULL,
    subject_no    {int} NOT NULL,
    kind          {int} NOT NULL,
    wanted        {bytes},
    digest        {bytes},
    accepted      {bytes},
    seq           {int} NOT NULL,
    reconsider_on {date},
    accepted_at   {instant},
    answer        {text},
    PRIMARY KEY (tenant_id, target_no, subject_no)
){wide};

CREATE INDEX target_subject_due ON target_subject (tenant_id, target_no, reconsider_on)
    WHERE reconsider_on IS NOT NULL;
CREATE INDEX target_subject_of ON target_subject (tenant_id, subject_no);

-- The one unfinished message of a lane. Without cleared it waits for the target's brakes, with
-- sent_at it has left, with dead_at nobody sends it any more.
CREATE TABLE message (
    tenant_id  {int}     NOT NULL,
    target_no  {int}     NOT NULL,
    subject_no {int}     NOT NULL,
    seq        {int}     NOT NULL,
    action     {text}    NOT NULL,
    rank       {int}     NOT NULL,
    body       {bytes}   NOT NULL,
    leads_to   {bytes},
    made_at    {instant} NOT NULL,
    cleared    {bool}    NOT NULL,
    attempts   {int}     NOT NULL,
    sent_at    {instant},
    next_at    {instant} NOT NULL,
    dead_at    {instant},
    reason     {text},
    owner      {text},
    PRIMARY KEY (tenant_id, target_no, subject_no)
){wide};

CREATE INDEX message_order ON message (tenant_id, target_no, rank, subject_no);

-- Who leads what, as the target's source has it, over all days: derived from claims when they
-- change, so that a change of one manager need not read everybody.
CREATE TABLE target_role (
    tenant_id     {int}  NOT NULL,
    target_no     {int}  NOT NULL,
    employment_no {int}  NOT NULL,
    valid_from    {date} NOT NULL,
    valid_until   {date},
    employment    {text} NOT NULL,
    unit          {text} NOT NULL,
    person_no     {int}  NOT NULL,
    level         {int},
    PRIMARY KEY (tenant_id, target_no, employment_no, valid_from)
){narrow};

-- Work that is to be done. Asking twice is asking once; who asks while it is done asks for once
-- more.
CREATE TABLE job (
    tenant_id   {int}     NOT NULL,
    kind        {text}    NOT NULL,
    key         {text}    NOT NULL,
    run_at      {instant} NOT NULL,
    asked       {int}     NOT NULL,
    lease_no    {int}     NOT NULL,
    lease_until {instant},
    failures    {int}     NOT NULL,
    error       {text},
    PRIMARY KEY (tenant_id, kind, key)
){wide};

CREATE INDEX job_due ON job (run_at);
