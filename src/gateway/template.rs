//! URL templates: `/orders/{id}/lines/{*rest}?view={view}` to segments and query parameters.

/// A template in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    pub segments: Vec<Segment>,
    /// The tail that takes whatever path is left: `*` (no name) or `{*name}`.
    pub rest: Option<Option<Box<str>>>,
    pub query: Vec<QueryParameter>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    Literal(Box<str>),
    /// `{id}`: the whole segment.
    Parameter(Box<str>),
    /// Literals around parameters: `orders({id})`, `{name}.json`.
    Mixed(Vec<Piece>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Literal(Box<str>),
    Parameter(Box<str>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryParameter {
    pub name: Box<str>,
    pub value: QueryValue,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryValue {
    /// `view={name}`: any value, bound to the name.
    Parameter(Box<str>),
    /// `view=full`: this value.
    Literal(Box<str>),
}

/// Matching goes one call deeper per segment.
const MOST_SEGMENTS: usize = 200;

/// Reads a template, or says what is wrong with it.
pub fn parse(text: &str) -> Result<Template, String> {
    let (path, query) = match text.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (text, None),
    };
    let mut template = Template::default();
    let path = path.strip_prefix('/').unwrap_or(path);
    let mut segments = if path.is_empty() { None } else { Some(path.split('/').peekable()) };
    while let Some(segment) = segments.as_mut().and_then(Iterator::next) {
        let last = segments.as_mut().is_some_and(|rest| rest.peek().is_none());
        let rest = match segment {
            "*" => Some(None),
            _ => segment.strip_prefix("{*").and_then(|name| name.strip_suffix('}')).map(|name| Some(name.into())),
        };
        match rest {
            Some(name) if last => template.rest = Some(name),
            Some(_) => return Err("a wildcard stands at the end of a path only".to_owned()),
            None => template.segments.push(self::segment(segment)?),
        }
    }
    if template.segments.len() > MOST_SEGMENTS {
        return Err(format!("a URL template has at most {MOST_SEGMENTS} segments"));
    }
    for pair in query.unwrap_or("").split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = match value.strip_prefix('{').and_then(|value| value.strip_suffix('}')) {
            Some(parameter) => QueryValue::Parameter(parameter.into()),
            None => QueryValue::Literal(value.into()),
        };
        template.query.push(QueryParameter { name: name.into(), value });
    }
    let mut names: Vec<&str> = template.parameters().collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("the parameter `{}` stands twice", twice[0]));
    }
    Ok(template)
}

impl Template {
    /// Every parameter's name, in path and query.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        let path = self.segments.iter().flat_map(|segment| match segment {
            Segment::Literal(_) => Vec::new(),
            Segment::Parameter(name) => vec![&**name],
            Segment::Mixed(pieces) => pieces
                .iter()
                .filter_map(|piece| match piece {
                    Piece::Parameter(name) => Some(&**name),
                    Piece::Literal(_) => None,
                })
                .collect(),
        });
        let query = self.query.iter().filter_map(|parameter| match &parameter.value {
            QueryValue::Parameter(name) => Some(&**name),
            QueryValue::Literal(_) => None,
        });
        path.chain(self.rest.iter().flatten().map(|name| &**name)).chain(query)
    }
}

fn segment(text: &str) -> Result<Segment, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some(open) = rest.find('{') else {
            if rest.contains('}') {
                return Err(format!("`}}` without `{{` in `{text}`"));
            }
            pieces.push(Piece::Literal(rest.into()));
            break;
        };
        if open > 0 {
            pieces.push(Piece::Literal(rest[..open].into()));
        }
        let close = rest[open..].find('}').ok_or_else(|| format!("`{{` without `}}` in `{text}`"))? + open;
        let name = &rest[open + 1..close];
        if name.is_empty() || name.contains(['{', '*']) {
            return Err(format!("`{{{name}}}` names no parameter"));
        }
        if matches!(pieces.last(), Some(Piece::Parameter(_))) {
            return Err(format!("two parameters touch in `{text}`"));
        }
        pieces.push(Piece::Parameter(name.into()));
        rest = &rest[close + 1..];
    }
    Ok(match pieces.len() {
        0 => Segment::Literal("".into()),
        1 => match pieces.remove(0) {
            Piece::Literal(text) => Segment::Literal(text),
            Piece::Parameter(name) => Segment::Parameter(name),
        },
        _ => Segment::Mixed(pieces),
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn mistakes_are_named() {
        let table = [
            ("/a/*/b", "a wildcard stands at the end"),
            ("/a/{id}/{id}", "`id` stands twice"),
            ("/a/{id}?x={id}", "`id` stands twice"),
            ("/a/{id", "without `}`"),
            ("/a/id}", "without `{`"),
            ("/a/{}", "names no parameter"),
            ("/a/{x}{y}", "two parameters touch"),
        ];
        for (text, said) in table {
            let error = parse(text).expect_err(text);
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(parse(&"/a".repeat(10_000)).is_err());
    }
}
