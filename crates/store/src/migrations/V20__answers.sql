-- What was answered to a request that its client may send again, so that it is done once.
CREATE TABLE kept_answer (
    tenant_id  {int}     NOT NULL,
    -- Who asked, and the key they gave the request.
    who        {text}    NOT NULL,
    request    {text}    NOT NULL,
    -- What was asked: another one under the same key is refused.
    digest     {bytes}   NOT NULL,
    begun_at   {instant} NOT NULL,
    -- The answer, sealed; none while the request is being carried out.
    body       {bytes},
    PRIMARY KEY (tenant_id, who, request)
){wide};
