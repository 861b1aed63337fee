//! Upload callbacks (spec: callback.md).
//!
//! Before the body of an upload is read, [`carrier`] finds the parameters and [`parameters`] checks
//! them. After the object is stored, [`variables`] and [`template`] make the body, [`signature`] signs
//! it, [`delivery`] brings it to the application server and [`answer`] judges what comes back.

mod addresses;
pub(crate) mod answer;
pub(crate) mod carrier;
pub(crate) mod delivery;
mod fault;
mod image;
pub(crate) mod parameters;
pub(crate) mod signature;
pub(crate) mod template;
pub(crate) mod url;
pub(crate) mod variables;

pub(crate) use addresses::Addresses;
pub use addresses::CallbackHost;
pub(crate) use image::image_info;

/// The example values of spec: callback.md 4.1.
#[cfg(test)]
pub(crate) mod examples {
    pub(crate) const CALLBACK: &str = concat!(
        "eyJjYWxsYmFja1VybCI6Imh0dHA6Ly8yMDMuMC4xMTMuMTA6ODA4MC9jYj9hPTEiLCJjYWxsYmFja0JvZHkiOiJidW",
        "NrZXQ9JHtidWNrZXR9Jm9iamVjdD0ke29iamVjdH0mZXRhZz0ke2V0YWd9JnNpemU9JHtzaXplfSZ1aWQ9JHt4OnVp",
        "ZH0iLCJjYWxsYmFja0JvZHlUeXBlIjoiYXBwbGljYXRpb24veC13d3ctZm9ybS11cmxlbmNvZGVkIn0=",
    );
    pub(crate) const CALLBACK_VAR: &str = "eyJ4OnVpZCI6InUgMS8rIn0=";
}
