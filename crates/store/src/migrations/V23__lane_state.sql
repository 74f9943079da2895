-- Where each lane stands, apart from what it has taken: counting the lanes of a target read every
-- message that it ever accepted.
CREATE INDEX target_subject_state ON target_subject (tenant_id, target_no, subject_no, wanted, digest);
