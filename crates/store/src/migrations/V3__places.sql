-- A set of files that is on its way to a target, as it was made: nothing is sent that does not
-- stand here first. State: ready (nothing was sent), begun, broken (it may not be sent any more,
-- and some of it may lie there).
CREATE TABLE pending_set (
    tenant_id {int}     NOT NULL,
    target    {text}    NOT NULL,
    set_no    {int}     NOT NULL,
    state     {text}    NOT NULL,
    version   {int}     NOT NULL,
    as_of     {date}    NOT NULL,
    made_at   {instant} NOT NULL,
    detail    {json}    NOT NULL,
    PRIMARY KEY (tenant_id, target)
){wide};

CREATE TABLE pending_file (
    tenant_id {int}   NOT NULL,
    target    {text}  NOT NULL,
    set_no    {int}   NOT NULL,
    position  {int}   NOT NULL,
    file      {text}  NOT NULL,
    bytes     {int}   NOT NULL,
    mac       {bytes} NOT NULL,
    detail    {json}  NOT NULL,
    inventory {bytes} NOT NULL,
    PRIMARY KEY (tenant_id, target, set_no, position)
){wide};

CREATE TABLE pending_part (
    tenant_id {int}   NOT NULL,
    target    {text}  NOT NULL,
    set_no    {int}   NOT NULL,
    position  {int}   NOT NULL,
    part      {int}   NOT NULL,
    body      {bytes} NOT NULL,
    PRIMARY KEY (tenant_id, target, set_no, position, part)
){wide};

-- What a target has taken, file by file.
CREATE TABLE file_receipt (
    tenant_id {int}     NOT NULL,
    target    {text}    NOT NULL,
    set_no    {int}     NOT NULL,
    position  {int}     NOT NULL,
    file      {text}    NOT NULL,
    bytes     {int}     NOT NULL,
    mac       {bytes}   NOT NULL,
    version   {int}     NOT NULL,
    as_of     {date}    NOT NULL,
    at        {instant} NOT NULL,
    place     {text}    NOT NULL,
    answer    {text}    NOT NULL,
    PRIMARY KEY (tenant_id, target, set_no, position)
){wide};
