//! Generates the parser from `src/csharp.lalrpop` into `OUT_DIR`.

fn main() {
    lalrpop::Configuration::new()
        .use_cargo_dir_conventions()
        .emit_rerun_directives(true)
        .process_file("src/csharp.lalrpop")
        .unwrap_or_else(|error| panic!("the grammar: {error}"));
}
