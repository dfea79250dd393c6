//! Where keys go.

use crate::tui::state::layer::Layer;
use crate::tui::state::{State, View};

/// Where the keys go: the uppermost layer, or the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of layers and views")]
pub enum Place {
    Overview,
    Orders,
    Limbo,
    Callbacks,
    Channels,
    Apps,
    Audit,
    Ledger,
    Desk,
    OrderPane,
    CallbackPane,
    AppPane,
    ThingPane,
    StatementPane,
    JournalPane,
    SuspensePane,
    Pager,
    Help,
    Hits,
    Search,
    Dialog,
    Secrets,
}

impl Place {
    /// Every place: views, what lies over them, and where text is typed or a question waits.
    pub const ALL: [Self; 22] = [
        Self::Overview,
        Self::Orders,
        Self::Limbo,
        Self::Callbacks,
        Self::Channels,
        Self::Apps,
        Self::Audit,
        Self::Ledger,
        Self::Desk,
        Self::OrderPane,
        Self::CallbackPane,
        Self::AppPane,
        Self::ThingPane,
        Self::StatementPane,
        Self::JournalPane,
        Self::SuspensePane,
        Self::Pager,
        Self::Hits,
        Self::Help,
        Self::Search,
        Self::Dialog,
        Self::Secrets,
    ];

    /// Where the keys of this state go.
    pub fn of(state: &State) -> Self {
        Self::at(state, state.layers.last())
    }

    /// Where the keys go that help is asked about: to what lies below the help.
    pub fn below_help(state: &State) -> Self {
        Self::at(state, state.top())
    }

    fn at(state: &State, layer: Option<&Layer>) -> Self {
        match layer {
            Some(layer) => Self::of_layer(layer),
            None => match state.view {
                View::Overview => Self::Overview,
                View::Orders => Self::Orders,
                View::Limbo => Self::Limbo,
                View::Callbacks => Self::Callbacks,
                View::Channels => Self::Channels,
                View::Apps => Self::Apps,
                View::Audit => Self::Audit,
                View::Ledger => Self::Ledger,
                View::Desk => Self::Desk,
            },
        }
    }

    const fn of_layer(layer: &Layer) -> Self {
        match layer {
            Layer::Help { .. } => Self::Help,
            Layer::Order(_) => Self::OrderPane,
            Layer::Callback(_) => Self::CallbackPane,
            Layer::App(_) => Self::AppPane,
            Layer::Channel(_) | Layer::Audit(_) => Self::ThingPane,
            Layer::Statement(_) => Self::StatementPane,
            Layer::Journal(_) => Self::JournalPane,
            Layer::Suspense(_) => Self::SuspensePane,
            Layer::Pager(_) => Self::Pager,
            Layer::Hits { .. } => Self::Hits,
            Layer::Search(_) => Self::Search,
            Layer::Dialog(_) => Self::Dialog,
            Layer::Secrets(_) => Self::Secrets,
        }
    }

    /// Its name in the documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Orders => "Orders",
            Self::Limbo => "Limbo",
            Self::Callbacks => "Callbacks",
            Self::Channels => "Channels",
            Self::Apps => "Apps",
            Self::Audit => "Audit",
            Self::Ledger => "Ledger",
            Self::Desk => "Desk",
            Self::OrderPane => "Order detail",
            Self::CallbackPane => "Callback detail",
            Self::AppPane => "App detail",
            Self::ThingPane => "Channel and audit detail",
            Self::StatementPane => "Statement",
            Self::JournalPane => "Journals",
            Self::SuspensePane => "Suspense detail",
            Self::Pager => "Evidence",
            Self::Help => "Help",
            Self::Hits => "Search hits",
            Self::Search => "Search box",
            Self::Dialog => "Dialogs",
            Self::Secrets => "New passwords",
        }
    }
}
