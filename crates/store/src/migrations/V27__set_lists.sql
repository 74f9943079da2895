-- Of each row of a set its id and a digest, sealed, part by part in the order of ids: as one value a
-- list of a million rows would pass through memory whole. Those of set number 0 were kept before
-- there were parts.
CREATE TABLE set_list (
    tenant_id {int}   NOT NULL,
    target    {text}  NOT NULL,
    set_no    {int}   NOT NULL,
    file      {text}  NOT NULL,
    part      {int}   NOT NULL,
    body      {bytes} NOT NULL,
    PRIMARY KEY (tenant_id, target, set_no, file, part)
){wide};

INSERT INTO set_list (tenant_id, target, set_no, file, part, body)
SELECT tenant_id, target, 0, file, 0, body FROM delivered;

INSERT INTO set_list (tenant_id, target, set_no, file, part, body)
SELECT tenant_id, target, set_no, file, 0, inventory FROM pending_file;

ALTER TABLE delivered DROP COLUMN body;
ALTER TABLE delivered ADD COLUMN set_no {int} NOT NULL DEFAULT 0;
ALTER TABLE pending_file DROP COLUMN inventory;
