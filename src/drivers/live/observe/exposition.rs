//! Prometheus' text format. In: the counts of all workers and of the process. Out: the text of one scrape.

use super::Observatory;
use super::counts::{BOUNDS, CLASSES, Counts, FAILURES, Histogram};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A scrape: the workers' counts added up.
pub fn render(all: &Observatory) -> String {
    let mut out = Out(String::with_capacity(16 * 1024));
    let workers = &all.workers;
    let sum = |of: fn(&Counts) -> u64| workers.iter().map(|counts| of(counts)).fold(0, u64::wrapping_add);

    operations(&mut out, workers);
    backends(&mut out, workers);
    errors(&mut out, workers);
    breakers(&mut out, all);

    out.head("portcullis_reloads_total", "counter", "Reloads of the configuration.");
    for (outcome, count) in [("applied", &all.reloads.applied), ("refused", &all.reloads.refused)] {
        out.line("portcullis_reloads_total", &[("outcome", outcome)], count.load(Ordering::Relaxed));
    }
    out.single(
        "portcullis_configuration_loaded_timestamp_seconds",
        "gauge",
        "When the configuration in force was taken up.",
        all.reloads.at.load(Ordering::Relaxed),
    );
    let now = [
        ("portcullis_connections_open", "gauge", "Connections of callers.", sum(|own| own.open_connections.get())),
        ("portcullis_requests_open", "gauge", "Requests under way.", sum(|own| own.open_requests.get())),
        ("portcullis_connections_total", "counter", "Connections accepted.", sum(|own| own.connections.get())),
        (
            "portcullis_callers_left_total",
            "counter",
            "Requests whose caller left before the last byte.",
            sum(|own| own.callers_left.get()),
        ),
        ("portcullis_sent_bytes_total", "counter", "Bytes of response bodies.", sum(|own| own.sent_bytes.get())),
        (
            "portcullis_log_lines_dropped_total",
            "counter",
            "Access log lines that nobody took in time.",
            sum(|own| own.log_lines_dropped.get()),
        ),
        (
            "portcullis_egress_refused_total",
            "counter",
            "Calls of policies to hosts that they may not call.",
            sum(|own| own.egress_refused.get()),
        ),
        ("portcullis_request_traces_total", "counter", "Requests that were traced.", sum(|own| own.traced.get())),
    ];
    for (name, kind, help, value) in now {
        out.single(name, kind, help, value);
    }
    out.head("portcullis_spans_total", "counter", "Spans for OpenTelemetry by what became of them.");
    let spans = [
        ("exported", all.spans.exported.load(Ordering::Relaxed)),
        ("failed", all.spans.failed.load(Ordering::Relaxed)),
        ("dropped", sum(|own| own.spans_dropped.get())),
    ];
    for (outcome, count) in spans {
        out.line("portcullis_spans_total", &[("outcome", outcome)], count);
    }
    out.single("portcullis_workers", "gauge", "Worker threads.", workers.len() as u64);
    out.single("portcullis_draining", "gauge", "1 while the service stops.", u64::from(all.is_draining()));
    out.single(
        "process_start_time_seconds",
        "gauge",
        "When the process began, since 1970.",
        all.started.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs()),
    );
    out.head("portcullis_build_info", "gauge", "The version that runs.");
    out.line("portcullis_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    out.0
}

/// One operation over all workers.
#[derive(Default)]
struct Operation {
    classes: [u64; CLASSES.len()],
    total: Merged,
    backend: Merged,
}

#[derive(Default)]
struct Merged {
    buckets: [u64; BOUNDS.len() + 1],
    micros: u64,
}

impl Merged {
    fn add(&mut self, histogram: &Histogram) {
        for (own, other) in self.buckets.iter_mut().zip(&histogram.buckets) {
            *own += other.get();
        }
        self.micros += histogram.micros.get();
    }
}

fn operations(out: &mut Out, workers: &[Arc<Counts>]) {
    let mut merged: BTreeMap<(Box<str>, Box<str>), Operation> = BTreeMap::new();
    for series in workers.iter().flat_map(|own| own.operations()) {
        let own = merged.entry((series.api.clone(), series.operation.clone())).or_default();
        for (sum, count) in own.classes.iter_mut().zip(&series.classes) {
            *sum += count.get();
        }
        own.total.add(&series.total);
        own.backend.add(&series.backend);
    }
    let name = "portcullis_requests_total";
    out.head(name, "counter", "Requests answered, by API, operation and class of status.");
    for ((api, operation), own) in &merged {
        for (class, count) in CLASSES.iter().zip(own.classes).filter(|(_, count)| *count > 0) {
            out.line(name, &[("api", api), ("operation", operation), ("status", class)], count);
        }
    }
    let name = "portcullis_request_duration_seconds";
    out.head(name, "histogram", "From a request's head to its response's last byte.");
    for ((api, operation), own) in &merged {
        out.histogram(name, api, operation, &own.total);
    }
    let name = "portcullis_backend_duration_seconds";
    out.head(name, "histogram", "The part of it that was spent waiting for backends' response heads.");
    for ((api, operation), own) in merged.iter().filter(|(_, own)| own.backend.buckets.iter().any(|n| *n > 0)) {
        out.histogram(name, api, operation, &own.backend);
    }
}

fn backends(out: &mut Out, workers: &[Arc<Counts>]) {
    let mut merged: BTreeMap<Box<str>, [u64; CLASSES.len() + FAILURES.len()]> = BTreeMap::new();
    for series in workers.iter().flat_map(|own| own.backends()) {
        let own = merged.entry(series.name.clone()).or_default();
        for (sum, count) in own.iter_mut().zip(&series.outcomes) {
            *sum += count.get();
        }
    }
    let name = "portcullis_backend_calls_total";
    out.head(name, "counter", "Calls to backends, by entity (else by host) and outcome.");
    for (backend, outcomes) in &merged {
        for (outcome, count) in CLASSES.iter().chain(&FAILURES).zip(outcomes).filter(|(_, count)| **count > 0) {
            out.line(name, &[("backend", backend), ("outcome", outcome)], *count);
        }
    }
}

fn errors(out: &mut Out, workers: &[Arc<Counts>]) {
    let mut merged: BTreeMap<(Box<str>, Box<str>), u64> = BTreeMap::new();
    for series in workers.iter().flat_map(|own| own.errors()) {
        *merged.entry((series.policy.clone(), series.reason.clone())).or_default() += series.count.get();
    }
    let name = "portcullis_policy_errors_total";
    out.head(name, "counter", "Requests that ended in an error, by its source and reason (LastError).");
    for ((policy, reason), count) in &merged {
        out.line(name, &[("policy", policy), ("reason", reason)], *count);
    }
}

struct Out(String);

impl Out {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: u64) {
        self.head(name, kind, help);
        self.line(name, &[], value);
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: u64) {
        self.series(name, labels);
        let _ = writeln!(self.0, " {value}");
    }

    fn series(&mut self, name: &str, labels: &[(&str, &str)]) {
        self.0.push_str(name);
        for (at, (label, value)) in labels.iter().enumerate() {
            self.0.push(if at == 0 { '{' } else { ',' });
            self.0.push_str(label);
            self.0.push_str("=\"");
            for character in value.chars() {
                match character {
                    '\\' => self.0.push_str("\\\\"),
                    '"' => self.0.push_str("\\\""),
                    '\n' => self.0.push_str("\\n"),
                    other => self.0.push(other),
                }
            }
            self.0.push('"');
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
    }

    fn histogram(&mut self, name: &str, api: &str, operation: &str, own: &Merged) {
        let bucket = format!("{name}_bucket");
        let mut so_far = 0;
        for (at, count) in own.buckets.iter().enumerate() {
            so_far += count;
            let bound = BOUNDS.get(at).map_or("+Inf".to_owned(), |bound| (*bound as f64 / 1e6).to_string());
            self.line(&bucket, &[("api", api), ("operation", operation), ("le", &bound)], so_far);
        }
        let labels = [("api", api), ("operation", operation)];
        self.series(&format!("{name}_sum"), &labels);
        let _ = writeln!(self.0, " {}", own.micros as f64 / 1e6);
        self.line(&format!("{name}_count"), &labels, so_far);
    }
}

fn breakers(out: &mut Out, all: &Observatory) {
    let Some(states) = all.backends.get() else { return };
    let states = states();
    let breakers = || states.iter().filter_map(|own| Some((&*own.backend, own.breaker?)));
    let name = "portcullis_breaker_open";
    out.head(name, "gauge", "1 while the backend's circuit breaker is open.");
    for (backend, breaker) in breakers() {
        out.line(name, &[("backend", backend)], u64::from(breaker.open_until.is_some()));
    }
    let name = "portcullis_breaker_trips_total";
    out.head(name, "counter", "How often the backend's circuit breaker has opened.");
    for (backend, breaker) in breakers() {
        out.line(name, &[("backend", backend)], breaker.trips);
    }
    let members = || states.iter().flat_map(|own| own.members.iter().map(move |member| (&*own.backend, member)));
    let name = "portcullis_pool_member_available";
    out.head(name, "gauge", "1 while the member takes calls.");
    for (pool, member) in members() {
        out.line(name, &[("pool", pool), ("member", &member.backend)], u64::from(member.available));
    }
    let name = "portcullis_pool_member_chosen_total";
    out.head(name, "counter", "Calls that the member was chosen for.");
    for (pool, member) in members() {
        out.line(name, &[("pool", pool), ("member", &member.backend)], member.chosen);
    }
}

#[cfg(test)]
mod tests {
    use super::super::counts::Counter;
    use super::*;
    use std::time::Duration;

    #[test]
    fn workers_are_added_up() {
        let (first, second) = (Counter::default(), Counter::default());
        first.request("shop", "get\"x\"", 200, Duration::from_millis(2), Some(Duration::from_millis(1)));
        second.request("shop", "get\"x\"", 200, Duration::from_millis(700), None);
        second.request("shop", "get\"x\"", 503, Duration::ZERO, None);
        second.call("orders", Ok(503));
        let all = Observatory::for_test(vec![Arc::clone(&first.counts), Arc::clone(&second.counts)]);
        let text = render(&all);
        for line in [
            r#"portcullis_requests_total{api="shop",operation="get\"x\"",status="2xx"} 2"#,
            r#"portcullis_requests_total{api="shop",operation="get\"x\"",status="5xx"} 1"#,
            r#"portcullis_request_duration_seconds_bucket{api="shop",operation="get\"x\"",le="0.0005"} 1"#,
            r#"portcullis_request_duration_seconds_bucket{api="shop",operation="get\"x\"",le="0.0025"} 2"#,
            r#"portcullis_request_duration_seconds_bucket{api="shop",operation="get\"x\"",le="+Inf"} 3"#,
            r#"portcullis_request_duration_seconds_sum{api="shop",operation="get\"x\""} 0.702"#,
            r#"portcullis_request_duration_seconds_count{api="shop",operation="get\"x\""} 3"#,
            r#"portcullis_backend_duration_seconds_count{api="shop",operation="get\"x\""} 1"#,
            r#"portcullis_backend_calls_total{backend="orders",outcome="5xx"} 1"#,
            "portcullis_workers 2",
        ] {
            assert!(text.lines().any(|own| own == line), "{line}\n{text}");
        }
        // Each name is announced once, before its lines.
        let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
        let mut unique = names.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(names.len(), unique.len());
    }
}
