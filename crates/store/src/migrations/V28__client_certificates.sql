-- SHA-256 of the certificate by which a client is known, and with which alone its tokens count.
ALTER TABLE client ADD COLUMN certificate {bytes};
ALTER TABLE client_token ADD COLUMN certificate {bytes};
