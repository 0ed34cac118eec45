//! The journal of a request: everything that its machine asked of the world and was told, with the step that asked, in
//! one versioned format. A driver makes it with a [`Recorder`]; a replay reads it back and answers from it. Holds no
//! text of a secret named value, and no header that a backend's credentials brought.

mod plain;
mod recorder;

pub use recorder::{Hide, Recorder};

use crate::effect::{FailureKind, Moment};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The version of this format. A reader refuses any other.
pub const VERSION: u32 = 1;

/// One request, from its begin to the last thing that was done for it. A file of journals has one per line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Journal {
    pub version: u32,
    /// 100 ns ticks since 0001-01-01 UTC.
    pub begun: i64,
    /// The 32 bytes that random numbers and GUIDs come from, in hexadecimal digits.
    pub entropy: String,
    /// `context.RequestId`, in hexadecimal digits.
    pub request_id: String,
    /// The client's address.
    pub client: String,
    /// The documents of the request's chain, from the narrowest scope to the widest, then fragments.
    pub units: Vec<UnitRef>,
    pub request: Request,
    pub events: Vec<Event>,
}

/// A document that ran, and a hash by which a reader knows whether it is still the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitRef {
    pub name: String,
    /// SHA-256 of the document's text, in hexadecimal digits.
    pub sha256: String,
}

/// One thing that happened, `at` ticks after the request's begin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub at: i64,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum What {
    Asked {
        id: u32,
        /// Where the statement stands that asked.
        step: Option<Step>,
        effect: Effect,
    },
    Told {
        id: u32,
        answer: Answer,
    },
    /// Nobody wants this effect's answer any more.
    Cancelled(u32),
    Responded(Response),
    /// A body as it arrived where it was changed on its way: that of the call asked as `id`, or of the response.
    Delivered {
        id: Option<u32>,
        body: Body,
    },
    CallerLeft,
    /// The response's last byte was handed over.
    Sent,
    /// What went through a body that stayed a stream, as its sender sent it.
    Streamed {
        stream: u32,
        body: Body,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub section: String,
    pub scope: String,
    /// `choose[1]/when[2]/set-header[1]`
    pub path: String,
}

/// What was asked of the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    Forward(Call),
    Send(Call),
    SendOneWay(Call),
    ReadBody {
        stream: u32,
        limit: u64,
    },
    /// In ticks.
    Sleep(i64),
    CacheLookup(String),
    CacheStore {
        key: String,
        value: Cached,
        ticks: i64,
    },
    CacheRemove(String),
    Acquire {
        key: String,
        most: u32,
    },
    Release(String),
    /// The name of a backend that has a breaker or members.
    ChooseBackend(String),
    Trace {
        source: String,
        severity: String,
        message: String,
        metadata: Vec<(String, String)>,
    },
    Slice,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    pub request: Request,
    /// In milliseconds.
    pub timeout: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// The member of the backend's pool that took the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    Response(Response),
    Body(Body),
    Cached(Option<Cached>),
    Acquired(bool),
    /// The name of the backend that took the call; `None`: the breaker was open.
    Chosen {
        backend: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<String>,
    },
    Done,
    Failed {
        kind: Failed,
        message: String,
    },
}

/// [`FailureKind`], by its name in the file.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Failed {
    Connection,
    Timeout,
    TooLarge,
    ClientGone,
    Unanswered,
    Refused,
    /// A kind that this version of the format has no name for.
    #[serde(other)]
    Other,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Body::is_empty")]
    pub body: Body,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    pub status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Body::is_empty")]
    pub body: Body,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Body {
    #[default]
    Empty,
    Text(String),
    Base64(String),
    /// Its bytes are in a [`What::Streamed`], or in the answer to a [`Effect::ReadBody`].
    Stream(u32),
    /// Longer than what is recorded: the number of bytes that went through.
    TooLong(u64),
}

impl Body {
    fn is_empty(&self) -> bool {
        *self == Body::Empty
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cached {
    Null,
    Bool(bool),
    Scalar {
        #[serde(rename = "type")]
        type_name: String,
        text: String,
    },
    Text(String),
    Bytes(Body),
    Json(String),
    Response(Response),
}

/// Why a line is no journal.
#[derive(Debug)]
pub enum Unreadable {
    Json(String),
    Version(u32),
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unreadable::Json(why) => write!(f, "no journal: {why}"),
            Unreadable::Version(version) => {
                write!(f, "a journal of version {version}; this version of portcullis reads {VERSION}")
            }
        }
    }
}

impl Journal {
    /// Reads one line of a file of journals.
    pub fn read(line: &str) -> Result<Journal, Unreadable> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let versioned: Versioned = serde_json::from_str(line).map_err(|error| Unreadable::Json(error.to_string()))?;
        if versioned.version != VERSION {
            return Err(Unreadable::Version(versioned.version));
        }
        serde_json::from_str(line).map_err(|error| Unreadable::Json(error.to_string()))
    }

    /// The journal as one line of JSON, without the line's end.
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("a journal has text keys and finite numbers only")
    }

    pub fn begun(&self) -> Moment {
        Moment(self.begun)
    }

    /// What the caller got.
    pub fn response(&self) -> Option<&Response> {
        self.events.iter().find_map(|event| match &event.what {
            What::Responded(response) => Some(response),
            _ => None,
        })
    }

    /// What was asked, in order, each with what was told; `None` where nothing was told before the request ended.
    pub fn dialogue(&self) -> Vec<(&Effect, Option<&Answer>)> {
        let mut told: HashMap<u32, &Answer> = HashMap::new();
        for event in &self.events {
            if let What::Told { id, answer } = &event.what {
                told.insert(*id, answer);
            }
        }
        let asked = self.events.iter().filter_map(|event| match &event.what {
            What::Asked { id, effect, .. } => Some((effect, told.get(id).copied())),
            _ => None,
        });
        asked.collect()
    }

    /// What is known of the bodies that began as streams.
    pub fn streams(&self) -> HashMap<u32, Bytes> {
        let mut streams = HashMap::new();
        for (effect, answer) in self.dialogue() {
            if let (Effect::ReadBody { stream, .. }, Some(Answer::Body(body))) = (effect, answer)
                && let Some(bytes) = body.bytes()
            {
                streams.insert(*stream, bytes);
            }
        }
        for event in &self.events {
            if let What::Streamed { stream, body } = &event.what
                && let Some(bytes) = body.bytes()
            {
                streams.insert(*stream, bytes);
            }
        }
        streams
    }
}

impl From<FailureKind> for Failed {
    fn from(kind: FailureKind) -> Failed {
        match kind {
            FailureKind::Connection => Failed::Connection,
            FailureKind::Timeout => Failed::Timeout,
            FailureKind::TooLarge => Failed::TooLarge,
            FailureKind::ClientGone => Failed::ClientGone,
            FailureKind::Unanswered => Failed::Unanswered,
            FailureKind::Refused => Failed::Refused,
        }
    }
}

impl From<Failed> for FailureKind {
    fn from(failed: Failed) -> FailureKind {
        match failed {
            Failed::Connection | Failed::Other => FailureKind::Connection,
            Failed::Timeout => FailureKind::Timeout,
            Failed::TooLarge => FailureKind::TooLarge,
            Failed::ClientGone => FailureKind::ClientGone,
            Failed::Unanswered => FailureKind::Unanswered,
            Failed::Refused => FailureKind::Refused,
        }
    }
}
