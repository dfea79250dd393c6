//! What the payer is shown or sent to.

use serde::{Deserialize, Serialize};

/// How the payer pays; the merchant asks for one of these, never for a provider's product name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A code that the payer scans.
    Qr,
    /// A page in a desktop browser.
    Page,
    /// A page in a phone's browser.
    Wap,
    /// Inside the provider's app.
    InApp,
    /// A bank transfer with a reference.
    Transfer,
    /// Our own page, where the payer chooses.
    Cashier,
}

impl Method {
    /// Every method, in the order of the documents.
    pub const ALL: [Self; 6] = [Self::Qr, Self::Page, Self::Wap, Self::InApp, Self::Transfer, Self::Cashier];

    /// As in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qr => "qr",
            Self::Page => "page",
            Self::Wap => "wap",
            Self::InApp => "in_app",
            Self::Transfer => "transfer",
            Self::Cashier => "cashier",
        }
    }

    /// Reads the API's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
    }
}

/// The payment content that the merchant hands to the payer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Payment {
    /// Show `content` as a QR code.
    Qr {
        /// The text of the code.
        content: String,
    },
    /// Send the payer's browser to `url`.
    Redirect {
        /// An absolute URL.
        url: String,
    },
    /// Have the payer's browser submit this form.
    Form {
        /// The form's target.
        action: String,
        /// `POST` or `GET`.
        method: String,
        /// The form's `accept-charset`.
        charset: String,
        /// Names and values in order.
        fields: Vec<(String, String)>,
    },
}
