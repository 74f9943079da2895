-- Who gave a message up, if a person did: it is not sent again with the others.
ALTER TABLE message ADD COLUMN given_up_by {text};
