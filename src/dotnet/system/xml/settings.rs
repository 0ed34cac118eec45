//! The row of a yes or no in `XmlReaderSettings` and `XmlWriterSettings`: a field of the file's own `Settings`.

macro_rules! setting {
    ($name:literal, $field:ident) => {
        property_set(
            concat!("bool ", $name, " { get; set; }"),
            |cx, a| Ok(Value::Bool(cx.this::<Settings>(a[0])?.$field)),
            |cx, a| {
                cx.this_mut::<Settings>(a[0])?.$field = matches!(a[1], Value::Bool(true));
                Ok(Value::Null)
            },
        )
    };
}

pub(super) use setting;
