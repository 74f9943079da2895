-- What a person decided is found by the instant of the ledger version it wrote.
CREATE INDEX audit_at ON audit (tenant_id, at);
