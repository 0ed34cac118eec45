//! A configuration as large as one asks: APIs with operations, products over them, policies at each scope. Operations
//! share a few documents, as they do where a team copies its standard policy; every API has one of its own.

/// Relative paths and contents.
pub type Texts = Vec<(String, Vec<u8>)>;

/// How many different documents the operations have.
pub const OPERATION_POLICIES: usize = 20;
pub const PRODUCTS: usize = 10;

pub fn texts(apis: usize, operations: usize) -> Texts {
    let mut texts = Texts::new();
    let mut add = |path: String, text: String| texts.push((path, text.into_bytes()));
    add("policy.xml".into(), global_policy());
    add("policy fragments/common/policy.xml".into(), fragment());
    for number in 0..10 {
        let url = format!("http://backend-{number}.internal:8080/base");
        let information = format!(r#"{{"properties":{{"url":"{url}","protocol":"http"}}}}"#);
        add(format!("backends/backend-{number}/backendInformation.json"), information);
        let information = format!(r#"{{"properties":{{"displayName":"value-{number}","value":"text {number}"}}}}"#);
        add(format!("named values/value-{number}/namedValueInformation.json"), information);
    }
    for number in 0..PRODUCTS {
        let folder = format!("products/product-{number}");
        let information = r#"{"properties":{"displayName":"P","state":"published","subscriptionRequired":true}}"#;
        add(format!("{folder}/productInformation.json"), information.into());
        add(format!("{folder}/policy.xml"), product_policy(number));
        let information = format!(
            r#"{{"properties":{{"displayName":"S","scope":"/products/product-{number}","state":"active","primaryKey":"key-{number}"}}}}"#
        );
        add(format!("subscriptions/subscription-{number}/subscriptionInformation.json"), information);
    }
    for api in 0..apis {
        let folder = format!("apis/api-{api}");
        add(format!("{folder}/apiInformation.json"), api_information(api));
        add(format!("{folder}/specification.yaml"), definition(operations));
        add(format!("{folder}/policy.xml"), api_policy(api, 0));
        for operation in 0..operations {
            add(format!("{folder}/operations/operation-{operation}/policy.xml"), operation_policy(operation));
        }
        let product = api % PRODUCTS;
        add(format!("products/product-{product}/apis/api-{api}/productApiInformation.json"), "{}".into());
    }
    texts
}

fn api_information(api: usize) -> String {
    format!(
        r#"{{"properties":{{"displayName":"API {api}","path":"team-{}/service-{api}","protocols":["https"],"subscriptionRequired":true}}}}"#,
        api % 17
    )
}

fn definition(operations: usize) -> String {
    let mut text = String::from("openapi: 3.0.1\ninfo:\n  title: Service\n  version: '1.0'\npaths:\n");
    for operation in 0..operations {
        text.push_str(&format!(
            "  /collection-{operation}/{{id}}/items:\n    get:\n      operationId: operation-{operation}\n      \
             summary: Read {operation}\n      parameters:\n        - name: id\n          in: path\n          \
             required: true\n          schema:\n            type: string\n      responses:\n        '200':\n          \
             description: Found\n"
        ));
    }
    text
}

fn document(inbound: &str, backend: &str, outbound: &str) -> String {
    format!(
        "<policies>\n  <inbound>\n{inbound}  </inbound>\n  <backend>\n{backend}  </backend>\n  <outbound>\n{outbound}  \
         </outbound>\n  <on-error>\n    <base />\n  </on-error>\n</policies>\n"
    )
}

fn header(name: &str, value: &str) -> String {
    format!("    <set-header name=\"{name}\" exists-action=\"override\"><value>{value}</value></set-header>\n")
}

fn global_policy() -> String {
    let document = document(
        &header("X-Request-Id", "@(context.RequestId.ToString())"),
        "    <forward-request timeout=\"60\" />\n",
        "    <set-header name=\"X-Powered-By\" exists-action=\"delete\" />\n",
    );
    document.replace("    <base />\n  </on-error>", "  </on-error>")
}

fn fragment() -> String {
    format!("<fragment>\n{}</fragment>\n", header("X-Common", "{{value-1}}"))
}

fn product_policy(product: usize) -> String {
    let inbound = format!("    <base />\n{}", header("X-Product", &format!("{product}")));
    document(&inbound, "    <base />\n", "    <base />\n")
}

/// The policy of an API; another `version` is another text.
pub fn api_policy(api: usize, version: usize) -> String {
    let inbound = format!(
        "    <base />\n    <set-backend-service backend-id=\"backend-{}\" />\n{}    <include-fragment fragment-id=\"common\" />\n",
        api % 10,
        header("X-Api", &format!("{api}.{version}"))
    );
    let outbound = format!("    <base />\n{}", header("X-Status", "@(context.Response.StatusCode.ToString())"));
    document(&inbound, "    <base />\n", &outbound)
}

fn operation_policy(operation: usize) -> String {
    let number = operation % OPERATION_POLICIES;
    let inbound = format!(
        "    <base />\n    <set-variable name=\"id\" value=\"@(context.Request.MatchedParameters[&quot;id&quot;])\" />\n{}",
        header("X-Operation", &format!("@(&quot;{number}-&quot; + (string)context.Variables[&quot;id&quot;])"))
    );
    document(&inbound, "    <base />\n", "    <base />\n")
}
