//! A request through the VM alone, from its begin to its end: the driver's part is an answer that is there already.

use divan::Bencher;
use portcullis::diagnostics::Diagnostics;
use portcullis::drivers::begin::Caller;
use portcullis::drivers::process::Program;
use portcullis::drivers::program::{self, Compiled, Rules};
use portcullis::effect::{Answer, Effect, Moment};
use portcullis::gateway::{self, Gateway, Router};
use portcullis::message::{Body, HeaderName, HeaderValue, Headers, Method, Response, StatusCode, Url};
use portcullis::source::Sources;
use portcullis::vm::machine::Poll;
use std::path::Path;

struct Stage {
    gateway: Gateway,
    router: Router,
    program: Compiled,
}

fn stage(job: &str) -> Stage {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/bench").join(job);
    let mut texts = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned();
                texts.push((name, std::fs::read(&path).expect("a file")));
            }
        }
    }
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let gateway = gateway::load(texts, "bench", &Default::default(), &mut sources, &mut found);
    let (router, _) = Router::new(&gateway);
    let program = program::compile(&gateway, &mut sources, Rules::default(), &mut found);
    assert!(!found.has_errors(), "{:?}", found.into_sorted());
    Stage { gateway, router, program }
}

fn headers(fields: &[(&'static str, &'static str)]) -> Headers {
    let mut headers = Headers::new();
    for &(name, value) in fields {
        assert!(headers.append(HeaderName::from_static(name), HeaderValue::from_static(value)));
    }
    headers
}

fn caller(job: &str) -> Caller {
    let post = job == "j2";
    let body = if post { Body::Bytes(r#"{"quantity":3,"unitPrice":19.5,"id":"x"}"#.into()) } else { Body::Empty };
    let mut fields = vec![("host", "127.0.0.1:7901"), ("x-region", "eu"), ("accept", "*/*")];
    if job != "j0" {
        fields.push(("ocp-apim-subscription-key", "0123456789abcdef"));
    }
    Caller {
        original_url: Url::parse("http://127.0.0.1:7901/api/orders/42?tag=alpha").expect("a URL"),
        address: "127.0.0.1".into(),
        method: if post { Method::POST } else { Method::GET },
        headers: headers(&fields),
        body,
    }
}

fn answer() -> Box<Response> {
    let mut response = Response::new(StatusCode::OK);
    response.headers = headers(&[
        ("content-type", "application/json"),
        ("content-length", "1024"),
        ("x-powered-by", "bench"),
        ("x-aspnet-version", "4"),
        ("x-internal-trace", "t"),
        ("x-backend", "A"),
    ]);
    response.body = Body::Bytes(vec![b'x'; 1024].into());
    Box::new(response)
}

/// Begin to end of a request that is routed already.
#[divan::bench(args = ["j0", "j1", "j2"])]
fn request(bencher: Bencher<'_, '_>, job: &str) {
    let stage = stage(job);
    let mut spare = None;
    bencher
        .with_inputs(|| {
            let caller = caller(job);
            let path = caller.original_url.path.clone();
            let query = caller.original_url.query.clone();
            let place = stage
                .router
                .route(&caller.method, &path, query.as_deref(), &caller.headers)
                .unwrap_or_else(|_| panic!("the job's path is routed"));
            let grant = stage
                .router
                .authorise(&stage.gateway, place.api, &caller.headers, query.as_deref())
                .unwrap_or_else(|_| panic!("the job's key is known"));
            let exchange = caller.exchange(&stage.gateway, &place, &grant, &path, Moment::UNIX_EPOCH, [7; 16]);
            (place, grant, exchange, answer())
        })
        .bench_local_values(|(place, grant, exchange, answer)| {
            let mut answer = Some(answer);
            let mut process =
                stage.program.begin((&place).into(), &grant, exchange, Moment::UNIX_EPOCH, [7; 32], spare.take());
            let mut out = None;
            loop {
                match process.poll() {
                    Poll::Need(id, Effect::Forward(call)) => {
                        out = Some(call);
                        let answer = Answer::Response(answer.take().expect("one call to the backend"));
                        process.answer(id, answer, Moment::UNIX_EPOCH);
                    }
                    Poll::Need(id, _) => process.answer(id, Answer::Done, Moment::UNIX_EPOCH),
                    Poll::Respond(response) => {
                        assert_eq!(response.status, StatusCode::OK);
                        process.sent(Moment::UNIX_EPOCH);
                        let kept = (response, out);
                        spare = Some(process.into_spare());
                        return kept;
                    }
                    Poll::Cancel(_) | Poll::Idle | Poll::Finished => panic!("the pipeline ended without a response"),
                }
            }
        });
}

/// Finding the operation and the key.
#[divan::bench]
fn route(bencher: Bencher<'_, '_>) {
    let stage = stage("j1");
    let caller = caller("j1");
    bencher.bench_local(|| {
        let url = &caller.original_url;
        let place = stage.router.route(&caller.method, &url.path, url.query.as_deref(), &caller.headers);
        let place = place.unwrap_or_else(|_| panic!("the job's path is routed"));
        let grant = stage.router.authorise(&stage.gateway, place.api, &caller.headers, url.query.as_deref());
        (place, grant.is_ok())
    });
}
