//! Statements and local functions.

use super::*;

impl Printer {
    pub(super) fn block(&mut self, block: &Block) {
        self.put("{ ");
        for statement in &block.statements {
            self.statement(statement);
            self.put(" ");
        }
        self.put("}");
    }

    pub(super) fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Block(block) => self.block(block),
            StatementKind::Empty => self.put(";"),
            StatementKind::Local(local) => {
                self.local(local);
                self.put(";");
            }
            StatementKind::LocalFunction(function) => self.local_function(function),
            StatementKind::Expr(value) => self.around("", value, ";"),
            StatementKind::If { condition, then, otherwise } => {
                self.around("if (", condition, ") ");
                self.statement(then);
                if let Some(otherwise) = otherwise {
                    self.put(" else ");
                    self.statement(otherwise);
                }
            }
            StatementKind::While { condition, body } => {
                self.around("while (", condition, ") ");
                self.statement(body);
            }
            StatementKind::Do { body, condition } => {
                self.put("do ");
                self.statement(body);
                self.around(" while (", condition, ");");
            }
            StatementKind::For { initializer, condition, iterators, body } => {
                self.put("for (");
                match initializer {
                    ForInitializer::None => {}
                    ForInitializer::Local(local) => self.local(local),
                    ForInitializer::Exprs(all) => self.comma(all, Printer::expr),
                }
                self.put("; ");
                if let Some(condition) = condition {
                    self.expr(condition);
                }
                self.put("; ");
                self.comma(iterators, Printer::expr);
                self.put(") ");
                self.statement(body);
            }
            StatementKind::ForEach { variable, source, body } => {
                self.put("foreach (");
                match variable {
                    ForEachVariable::Typed { by_ref, of, name } => {
                        self.by_ref(*by_ref);
                        self.ty(of);
                        self.put(" ");
                        self.name(name);
                    }
                    ForEachVariable::Deconstruction(target) => self.expr(target),
                }
                self.around(" in ", source, ") ");
                self.statement(body);
            }
            StatementKind::Switch { value, sections } => self.switch(value, sections),
            StatementKind::Break => self.put("break;"),
            StatementKind::Continue => self.put("continue;"),
            StatementKind::Return(None) => self.put("return;"),
            StatementKind::Return(Some(value)) => self.around("return ", value, ";"),
            StatementKind::Yield(None) => self.put("yield break;"),
            StatementKind::Yield(Some(value)) => self.around("yield return ", value, ";"),
            StatementKind::Throw(None) => self.put("throw;"),
            StatementKind::Throw(Some(value)) => self.around("throw ", value, ";"),
            StatementKind::Try { body, catches, finally } => self.try_statement(body, catches, finally),
            StatementKind::Using { resource, body } => {
                self.put("using (");
                match resource {
                    UsingResource::Local(local) => self.local(local),
                    UsingResource::Expr(value) => self.expr(value),
                }
                self.put(") ");
                self.statement(body);
            }
            StatementKind::Lock { value, body } => {
                self.around("lock (", value, ") ");
                self.statement(body);
            }
            StatementKind::Checked(block) => {
                self.put("checked ");
                self.block(block);
            }
            StatementKind::Unchecked(block) => {
                self.put("unchecked ");
                self.block(block);
            }
            StatementKind::Goto(target) => {
                self.put("goto ");
                match target {
                    GotoTarget::Label(name) => self.name(name),
                    GotoTarget::Case(value) => self.around("case ", value, ""),
                    GotoTarget::Default => self.put("default"),
                }
                self.put(";");
            }
            StatementKind::Labeled { label, statement } => {
                self.name(label);
                self.put(": ");
                self.statement(statement);
            }
            StatementKind::Error => self.put("/* error */;"),
        }
    }

    fn by_ref(&mut self, by_ref: ByRef) {
        self.put(match by_ref {
            ByRef::No => "",
            ByRef::Ref => "ref ",
            ByRef::Readonly => "ref readonly ",
        });
    }

    fn local(&mut self, local: &LocalDeclaration) {
        self.put(if local.is_const { "const " } else { "" });
        self.by_ref(local.by_ref);
        self.ty(&local.of);
        self.put(" ");
        self.comma(&local.declarators, |out, declarator| {
            out.name(&declarator.name);
            if let Some(value) = &declarator.value {
                out.around(" = ", value, "");
            }
        });
    }

    fn local_function(&mut self, function: &LocalFunction) {
        self.by_ref(function.returns_ref);
        self.ty(&function.returns);
        self.put(" ");
        self.name(&function.name);
        if !function.type_parameters.is_empty() {
            self.put("<");
            self.comma(&function.type_parameters, Printer::name);
            self.put(">");
        }
        self.parameters(&function.parameters);
        for constraint in &function.constraints {
            self.put(" where ");
            self.name(&constraint.name);
            self.put(" : ");
            self.comma(&constraint.kinds, |out, kind| match kind {
                ConstraintKind::Class => out.put("class"),
                ConstraintKind::Struct => out.put("struct"),
                ConstraintKind::New => out.put("new()"),
                ConstraintKind::Type(of) => out.ty(of),
            });
        }
        match &function.body {
            Body::Expr(value) => self.around(" => ", value, ";"),
            Body::Block(block) => {
                self.put(" ");
                self.block(block);
            }
        }
    }

    fn switch(&mut self, value: &Expr, sections: &[SwitchSection]) {
        self.around("switch (", value, ") { ");
        for section in sections {
            for label in &section.labels {
                match label {
                    SwitchLabel::Default(_) => self.put("default: "),
                    SwitchLabel::Case { pattern, when, .. } => {
                        self.put("case ");
                        self.pattern(pattern);
                        if let Some(when) = when {
                            self.around(" when ", when, "");
                        }
                        self.put(": ");
                    }
                }
            }
            self.spaced(&section.statements, Printer::statement);
            self.put(" ");
        }
        self.put("}");
    }

    fn try_statement(&mut self, body: &Block, catches: &[Catch], finally: &Option<Block>) {
        self.put("try ");
        self.block(body);
        for catch in catches {
            self.put(" catch ");
            if let Some(of) = &catch.of {
                self.put("(");
                self.ty(of);
                if let Some(name) = &catch.name {
                    self.put(" ");
                    self.name(name);
                }
                self.put(") ");
            }
            if let Some(when) = &catch.when {
                self.around("when (", when, ") ");
            }
            self.block(&catch.body);
        }
        if let Some(finally) = finally {
            self.put(" finally ");
            self.block(finally);
        }
    }
}
