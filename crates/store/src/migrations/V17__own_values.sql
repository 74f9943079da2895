-- What a target holds of its own and may keep, sealed, and what stands for ours at that time: when
-- ours is another one, it counts again.
CREATE TABLE own_value (
    tenant_id  {int}     NOT NULL,
    target     {text}    NOT NULL,
    subject_id {uuid}    NOT NULL,
    field      {text}    NOT NULL,
    ours       {bytes}   NOT NULL,
    theirs     {bytes}   NOT NULL,
    at         {instant} NOT NULL,
    PRIMARY KEY (tenant_id, target, subject_id, field)
){wide};
