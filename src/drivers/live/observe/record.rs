//! What is noted of one request, from its head to its end.

use super::context::TraceContext;
use crate::dotnet::context::{ApiFacts, LastError, OperationFacts, ProductFacts, SubscriptionFacts};
use crate::drivers::redact::credentials;
use crate::drivers::request_trace::RequestTrace;
use crate::effect::{Answer, Effect, EffectId, FailureKind, OutboundCall};
use crate::message::Url;
use http::header::{HeaderName, HeaderValue};
use smallvec::SmallVec;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

/// The status of a request whose caller left before there was a response.
const CALLER_LEFT: u16 = 499;

pub struct Record {
    pub begun: Instant,
    pub at: SystemTime,
    pub request_id: Option<[u8; 16]>,
    /// What only logs and spans say.
    pub told: Option<Box<Told>>,
    pub api: Option<Arc<ApiFacts>>,
    pub operation: Option<Arc<OperationFacts>>,
    pub product: Option<Arc<ProductFacts>>,
    pub subscription: Option<Arc<SubscriptionFacts>>,
    pub status: u16,
    /// Of the response's body.
    pub bytes: u64,
    pub caller_left: bool,
    /// What the pipeline ended in, when it failed.
    pub error: Option<LastError>,
    /// What went wrong, in words, whether or not a policy mended it.
    pub trouble: Option<Box<str>>,
    /// Waiting for the response heads of `forward-request`.
    pub backend_time: Duration,
    pub forwards: u32,
    /// Whom the last `forward-request` called.
    pub backend: Option<Backend>,
    pub open: SmallVec<[Call; 1]>,
    pub context: Option<TraceContext>,
    /// The platform's request tracing, where the caller asked for it and may.
    pub trace: Option<Arc<Mutex<RequestTrace>>>,
    /// Tells the caller where its trace is, or why there is none.
    pub answer_header: Option<(HeaderName, HeaderValue)>,
}

/// What a request says about itself. Not yet redacted.
pub struct Told {
    pub client: Box<str>,
    pub method: http::Method,
    pub host: Box<str>,
    pub path: Box<str>,
    pub query: Option<Box<str>>,
    pub version: http::Version,
    pub user_agent: Option<Box<str>>,
    pub credentials: SmallVec<[HeaderValue; 2]>,
    /// It came over TLS.
    pub tls: bool,
}

pub struct Backend {
    /// The entity's id, when a policy named one.
    pub id: Option<Arc<str>>,
    /// The member of its pool that was called.
    pub member: Option<Arc<str>>,
    pub authority: Box<str>,
    /// 0 when no response came.
    pub status: u16,
}

/// A call to another server, under way.
pub struct Call {
    pub effect: EffectId,
    pub forward: bool,
    pub backend: Backend,
    pub begun: Instant,
    /// How many calls of this kind the request made before.
    pub resend: u32,
    /// For its span, when there is one.
    pub said: Option<Box<CallSaid>>,
}

impl Told {
    /// Of a client that sent no request.
    pub fn nothing(client: &str) -> Told {
        Told {
            client: client.into(),
            method: http::Method::from_bytes(b"-").expect("a dash is a token"),
            host: "".into(),
            path: "-".into(),
            query: None,
            version: http::Version::HTTP_11,
            user_agent: None,
            credentials: SmallVec::new(),
            tls: false,
        }
    }

    pub fn of<B>(client: &str, request: &http::Request<B>) -> Told {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let host = request.uri().authority().map(http::uri::Authority::as_str).or_else(|| text(http::header::HOST));
        Told {
            client: client.into(),
            method: request.method().clone(),
            host: host.unwrap_or_default().into(),
            path: request.uri().path().into(),
            query: request.uri().query().map(Into::into),
            version: request.version(),
            user_agent: text(http::header::USER_AGENT).map(Into::into),
            credentials: credentials(request.headers()),
            tls: request.uri().scheme() == Some(&http::uri::Scheme::HTTPS),
        }
    }
}

impl Record {
    pub fn new(told: Option<Box<Told>>) -> Record {
        Record {
            begun: Instant::now(),
            at: SystemTime::now(),
            request_id: None,
            told,
            api: None,
            operation: None,
            product: None,
            subscription: None,
            status: 0,
            bytes: 0,
            caller_left: false,
            error: None,
            trouble: None,
            backend_time: Duration::ZERO,
            forwards: 0,
            backend: None,
            open: SmallVec::new(),
            context: None,
            trace: None,
            answer_header: None,
        }
    }

    /// Notes that a call begins, and carries the trace on.
    pub fn begins(&mut self, id: EffectId, effect: &mut Effect, span: Option<[u8; 8]>) {
        let (forward, call) = match effect {
            Effect::Forward(call) => (true, call),
            Effect::Send(call) | Effect::SendOneWay(call) => (false, call),
            _ => return,
        };
        let said = span.zip(self.context.as_ref()).map(|(span, context)| {
            context.carry(call.request.headers.map_mut(), span);
            CallSaid::new(span, &call.request.method, &call.request.url)
        });
        let resend = if forward { self.forwards } else { 0 };
        self.open.push(Call { effect: id, forward, backend: Backend::of(call), begun: Instant::now(), resend, said });
    }

    /// Adds to the request's trace, when it has one.
    pub fn traces(&self, add: impl FnOnce(&mut RequestTrace)) {
        if let Some(trace) = &self.trace
            && let Ok(mut trace) = trace.lock()
        {
            add(&mut trace);
        }
    }

    /// The caller was gone before the last byte.
    pub fn leave(&mut self) {
        self.caller_left = true;
        if self.status == 0 {
            self.status = CALLER_LEFT;
        }
        self.trouble.get_or_insert_with(|| "the caller left".into());
    }

    /// Notes how a call ended: with a status, or why not.
    pub fn ends(&mut self, id: EffectId, answer: &Answer) -> Option<(Call, Result<u16, FailureKind>)> {
        if let Answer::Failed(failure) = answer {
            self.trouble = Some(failure.message.clone());
        }
        let at = self.open.iter().position(|call| call.effect == id)?;
        let mut call = self.open.swap_remove(at);
        let outcome = match answer {
            Answer::Response(response) => Ok(response.status.as_u16()),
            Answer::Failed(failure) => Err(failure.kind),
            _ => return None,
        };
        call.backend.status = outcome.unwrap_or(0);
        if call.forward {
            self.forwards += 1;
            self.backend_time += call.begun.elapsed();
        }
        Some((call, outcome))
    }
}

impl Backend {
    fn of(call: &OutboundCall) -> Backend {
        Backend {
            id: call.backend.clone(),
            member: call.member.clone(),
            authority: authority(&call.request.url),
            status: 0,
        }
    }

    /// The entity's id, else its host.
    pub fn name(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.authority)
    }
}

fn authority(url: &Url) -> Box<str> {
    url.authority().into()
}

/// What only the span of a call says.
pub struct CallSaid {
    pub span: [u8; 8],
    pub at: SystemTime,
    pub method: http::Method,
    pub url: Url,
}

impl CallSaid {
    pub fn new(span: [u8; 8], method: &http::Method, url: &Url) -> Box<CallSaid> {
        Box::new(CallSaid { span, at: SystemTime::now(), method: method.clone(), url: url.clone() })
    }
}
