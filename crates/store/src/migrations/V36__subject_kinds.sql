-- A page of persons begins where persons do, and not with all that was named before them. It serves for
-- units too.
DROP INDEX subject_unit;
CREATE INDEX subject_kind ON subject (tenant_id, kind, subject_no);
