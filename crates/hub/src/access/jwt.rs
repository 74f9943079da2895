//! Signed statements (JWT) of others. The library checks signatures; what is said is judged by our
//! own clock.

use jsonwebtoken::{Algorithm, Validation};

/// The signature alone is checked, which is of this kind.
pub(super) fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}
