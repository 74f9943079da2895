//! What stands around the records.

use super::{Reader, Stage};
use crate::opus::ReadError;
use crate::opus::lex::{DocumentType, Piece, document_type, is_space, name};
use crate::opus::parse::check;
use crate::opus::tag::Attributes;
use std::io::Read;

impl<R: Read> Reader<R> {
    pub(super) fn prolog(&mut self) -> Result<(), ReadError> {
        let (mut is_first, mut is_typed) = (true, false);
        loop {
            let spaces = self.skip_space()?;
            match self.input.window().first() {
                None => return Err(ReadError::Empty),
                Some(b'<') => {}
                Some(_) => return Err(ReadError::NotXml { at: self.input.position(0) }),
            }
            let (piece, bytes) = self.piece()?;
            match piece {
                Piece::Instruction if is_first && spaces == 0 => self.input.consume(bytes),
                Piece::Instruction | Piece::Comment => self.pass_over(piece, bytes)?,
                Piece::DocType if is_typed => {
                    return Err(self.ill_formed(0, "a second <!DOCTYPE>"));
                }
                Piece::DocType => {
                    self.document_type()?;
                    is_typed = true;
                }
                Piece::Start | Piece::Empty => return self.root(piece, bytes),
                Piece::Text | Piece::CData | Piece::End => {
                    return Err(ReadError::NotXml { at: self.input.position(0) });
                }
            }
            is_first = false;
        }
    }

    /// Passes over a document type. What it names is never fetched; one that declares anything
    /// itself is refused, for entities and default values would change what records say.
    fn document_type(&mut self) -> Result<(), ReadError> {
        loop {
            match document_type(self.input.window()) {
                DocumentType::Names(bytes) => {
                    self.input.consume(bytes);
                    return Ok(());
                }
                DocumentType::Declares(offset) => {
                    return Err(ReadError::Declares { at: self.input.position(offset) });
                }
                DocumentType::Other => {
                    return Err(ReadError::DocType { at: self.input.position(0) });
                }
                DocumentType::Cut => self.more()?,
            }
        }
    }

    fn root(&mut self, piece: Piece, bytes: usize) -> Result<(), ReadError> {
        let tag = self.input.window().get(..bytes).unwrap_or_default();
        let root = name(tag.get(1..).unwrap_or_default());
        if root != b"kmd" {
            let root = String::from_utf8_lossy(root).chars().take(40).collect();
            return Err(ReadError::OtherRoot { at: self.input.position(0), root });
        }
        for attribute in Attributes::of(tag) {
            attribute.map_err(|what| self.ill_formed(0, what))?;
        }
        self.stage = if piece == Piece::Empty { Stage::AfterRoot } else { Stage::Records };
        self.input.consume(bytes);
        Ok(())
    }

    pub(super) fn root_end(&mut self, bytes: usize) -> Result<(), ReadError> {
        let tag = self.input.window().get(..bytes).unwrap_or_default();
        let inner = tag.get(2..bytes.saturating_sub(1)).unwrap_or_default();
        if inner.trim_ascii_end() != b"kmd" {
            return Err(self.ill_formed(0, "an end tag without its start tag"));
        }
        self.input.consume(bytes);
        self.stage = Stage::AfterRoot;
        Ok(())
    }

    pub(super) fn after_root(&mut self) -> Result<(), ReadError> {
        self.skip_space()?;
        if self.input.window().is_empty() {
            self.proof.root_closed = true;
            self.proof.well_formed = true;
            self.stage = Stage::Done;
            let is_one = self.proof.clients.len() <= 1;
            return if is_one { Ok(()) } else { Err(ReadError::SeveralClients) };
        }
        if self.input.window().first() != Some(&b'<') {
            return Err(self.ill_formed(0, "text after </kmd>"));
        }
        match self.piece()? {
            (piece @ (Piece::Comment | Piece::Instruction), bytes) => self.pass_over(piece, bytes),
            (Piece::DocType, _) => Err(ReadError::DocType { at: self.input.position(0) }),
            (Piece::Text | Piece::CData | Piece::Start | Piece::Empty | Piece::End, _) => {
                Err(self.ill_formed(0, "an element after </kmd>"))
            }
        }
    }

    pub(super) fn unknown_element(
        &mut self,
        piece: Piece,
        tag_bytes: usize,
    ) -> Result<(), ReadError> {
        let is_empty = piece == Piece::Empty;
        let bytes = if is_empty { tag_bytes } else { self.extent_by_piece(tag_bytes)? };
        self.check(bytes)?;
        self.note_between("an element that is neither an orgUnit nor an employee");
        self.input.consume(bytes);
        Ok(())
    }

    pub(super) fn pass_over(&mut self, piece: Piece, bytes: usize) -> Result<(), ReadError> {
        let text = self.input.window().get(..bytes).unwrap_or_default();
        let comment = text.get(4..bytes.saturating_sub(3)).unwrap_or_default();
        if piece == Piece::Comment && memchr::memmem::find(comment, b"--").is_some() {
            return Err(self.ill_formed(0, "-- inside a comment"));
        }
        if piece == Piece::Instruction
            && matches!(text.get(..6), Some([b'<', b'?', b'x', b'm', b'l', it]) if is_space(*it))
        {
            return Err(self.ill_formed(0, "an XML declaration that does not stand first"));
        }
        self.input.consume(bytes);
        Ok(())
    }

    /// Refuses the first `bytes` of the window if they are no well-formed content.
    pub(super) fn check(&self, bytes: usize) -> Result<(), ReadError> {
        check(self.input.window().get(..bytes).unwrap_or_default())
            .map_err(|what| self.ill_formed(0, what))
    }
}
