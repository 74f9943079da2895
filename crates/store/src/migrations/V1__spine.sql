-- One text for both engines: {int} and the like are types, {narrow} and {wide} end a table.
-- An open valid_until is null; an open until_version is 9223372036854775807.

CREATE TABLE tenant (
    tenant_id       {int}  NOT NULL PRIMARY KEY,
    tenant_uuid     {uuid} NOT NULL UNIQUE,
    key             {text} NOT NULL UNIQUE,
    name            {text} NOT NULL,
    time_zone       {text} NOT NULL,
    version         {int}  NOT NULL,
    next_subject_no {int}  NOT NULL,
    next_source_no  {int}  NOT NULL,
    next_run_no     {int}  NOT NULL,
    next_audit_no   {int}  NOT NULL,
    -- What the keys answer that this tenant's data is sealed and indexed with.
    key_check       {bytes}
){wide};

-- When each version of a ledger was taken, and by which run.
CREATE TABLE ledger_version (
    tenant_id {int}     NOT NULL,
    version   {int}     NOT NULL,
    at        {instant} NOT NULL,
    run_no    {int},
    PRIMARY KEY (tenant_id, version)
){narrow};

CREATE TABLE setting (
    tenant_id     {int}  NOT NULL REFERENCES tenant,
    kind          {text} NOT NULL,
    key           {text} NOT NULL,
    since_version {int}  NOT NULL,
    until_version {int}  NOT NULL,
    body          {json} NOT NULL,
    PRIMARY KEY (tenant_id, kind, key, since_version)
){wide};

CREATE TABLE audit (
    tenant_id {int}     NOT NULL REFERENCES tenant,
    audit_no  {int}     NOT NULL,
    at        {instant} NOT NULL,
    who       {text}    NOT NULL,
    action    {text}    NOT NULL,
    detail    {json}    NOT NULL,
    PRIMARY KEY (tenant_id, audit_no)
){wide};

CREATE TABLE source (
    tenant_id       {int}  NOT NULL REFERENCES tenant,
    source_no       {int}  NOT NULL,
    key             {text} NOT NULL,
    applied_run_no  {int},
    applied_name    {text},
    applied_date    {date},
    applied_mac     {bytes},
    PRIMARY KEY (tenant_id, source_no),
    UNIQUE (tenant_id, key)
){wide};

-- An epoch names the parser and the configuration under which a record was judged. When a complete
-- run has judged every record anew, older epochs are declared the same as its own: one row each.
CREATE TABLE seen_epoch (
    tenant_id      {int} NOT NULL,
    source_no      {int} NOT NULL,
    epoch          {int} NOT NULL,
    parser_version {int} NOT NULL,
    config_version {int} NOT NULL,
    same_as        {int} NOT NULL,
    PRIMARY KEY (tenant_id, source_no, epoch)
){narrow};

CREATE TABLE seen (
    tenant_id  {int}   NOT NULL,
    source_no  {int}   NOT NULL,
    kind       {int}   NOT NULL,
    native_no  {int}   NOT NULL,
    digest     {bytes} NOT NULL,
    content    {bytes} NOT NULL,
    outcome    {int}   NOT NULL,
    epoch      {int}   NOT NULL,
    until_date {date},
    first_seen {date}  NOT NULL,
    PRIMARY KEY (tenant_id, source_no, kind, native_no)
){narrow};

CREATE TABLE subject (
    tenant_id     {int}  NOT NULL,
    subject_no    {int}  NOT NULL,
    kind          {int}  NOT NULL,
    subject_id    {uuid} NOT NULL,
    native_key    {text},
    protected     {bool} NOT NULL,
    number_sealed {bytes},
    PRIMARY KEY (tenant_id, subject_no)
){narrow};

CREATE UNIQUE INDEX subject_by_id ON subject (tenant_id, subject_id);
CREATE INDEX subject_unit ON subject (tenant_id, subject_no) WHERE kind = 1;

-- The only identity. native_key orders as its keys do: numbers before text, 9 before 10.
CREATE TABLE subject_key (
    tenant_id  {int}   NOT NULL,
    issuer     {int}   NOT NULL,
    kind       {int}   NOT NULL,
    native_key {bytes} NOT NULL,
    generation {int}   NOT NULL,
    subject_no {int}   NOT NULL,
    PRIMARY KEY (tenant_id, issuer, kind, native_key, generation)
){narrow};

CREATE TABLE shape (
    tenant_id {int}  NOT NULL,
    shape_no  {int}  NOT NULL,
    names     {text} NOT NULL,
    PRIMARY KEY (tenant_id, shape_no),
    UNIQUE (tenant_id, names)
){wide};

CREATE TABLE claim (
    tenant_id     {int}   NOT NULL,
    subject_no    {int}   NOT NULL,
    source_no     {int}   NOT NULL,
    track         {int}   NOT NULL,
    valid_from    {date}  NOT NULL,
    since_version {int}   NOT NULL,
    valid_until   {date},
    until_version {int}   NOT NULL,
    run_no        {int}   NOT NULL,
    record_no     {int}   NOT NULL,
    stated_from   {date}  NOT NULL,
    digest        {bytes} NOT NULL,
    shape_no      {int}   NOT NULL,
    state         {text}  NOT NULL,
    person_no     {int},
    unit_no       {int},
    parent_no     {int},
    PRIMARY KEY (tenant_id, subject_no, source_no, track, valid_from, since_version)
){wide};

CREATE INDEX claim_person ON claim (tenant_id, person_no, subject_no) WHERE person_no IS NOT NULL;
CREATE INDEX claim_unit ON claim (tenant_id, unit_no, subject_no)
    WHERE unit_no IS NOT NULL AND until_version = 9223372036854775807;

CREATE TABLE run (
    tenant_id   {int}     NOT NULL,
    run_no      {int}     NOT NULL,
    source_no   {int}     NOT NULL,
    input_name  {text}    NOT NULL,
    input_mac   {bytes},
    input_date  {date},
    today       {date}    NOT NULL,
    started_at  {instant} NOT NULL,
    finished_at {instant},
    state       {text}    NOT NULL,
    plan_hash   {bytes},
    read        {int}     NOT NULL,
    applied     {int}     NOT NULL,
    unchanged   {int}     NOT NULL,
    held        {int}     NOT NULL,
    quarantined {int}     NOT NULL,
    gone        {int}     NOT NULL,
    parsed      {int}     NOT NULL,
    detail      {json}    NOT NULL,
    PRIMARY KEY (tenant_id, run_no)
){wide};

CREATE INDEX run_source ON run (tenant_id, source_no, run_no);

CREATE TABLE plan (
    tenant_id    {int}     NOT NULL,
    run_no       {int}     NOT NULL,
    source_no    {int}     NOT NULL,
    hash         {bytes}   NOT NULL,
    state        {text}    NOT NULL,
    read_version {int}     NOT NULL,
    summary      {json}    NOT NULL,
    brakes       {json}    NOT NULL,
    decided_by   {text},
    reason       {text},
    decided_at   {instant},
    PRIMARY KEY (tenant_id, run_no)
){wide};

CREATE INDEX plan_hash ON plan (tenant_id, hash);
CREATE INDEX plan_source ON plan (tenant_id, source_no, state);

CREATE TABLE plan_item (
    tenant_id {int}   NOT NULL,
    run_no    {int}   NOT NULL,
    kind      {int}   NOT NULL,
    native_no {int}   NOT NULL,
    part      {int}   NOT NULL,
    mac       {bytes} NOT NULL,
    effective {date},
    reason    {text},
    body      {bytes} NOT NULL,
    PRIMARY KEY (tenant_id, run_no, kind, native_no, part)
){wide};

CREATE TABLE quarantine (
    tenant_id {int}   NOT NULL,
    source_no {int}   NOT NULL,
    kind      {int}   NOT NULL,
    native_no {int}   NOT NULL,
    run_no    {int}   NOT NULL,
    record_no {int}   NOT NULL,
    line      {int}   NOT NULL,
    code      {text}  NOT NULL,
    body      {bytes} NOT NULL,
    PRIMARY KEY (tenant_id, source_no, kind, native_no)
){wide};

CREATE TABLE delivered (
    tenant_id {int}     NOT NULL,
    target    {text}    NOT NULL,
    file      {text}    NOT NULL,
    at        {instant} NOT NULL,
    version   {int}     NOT NULL,
    detail    {json}    NOT NULL,
    body      {bytes}   NOT NULL,
    PRIMARY KEY (tenant_id, target, file)
){wide};
