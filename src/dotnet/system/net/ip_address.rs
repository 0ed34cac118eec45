//! `System.Net.IPAddress` and `System.Net.Sockets.AddressFamily`: addresses as values, never a look-up.

use super::address::{is_v6, lenient_v4, read_v6, show_v4, show_v6};
use crate::dotnet::call::{Call, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{
    Kind, Row, TypeDef, constructor, enum_value, method, property, property_set, static_method, static_property,
    type_of,
};
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

/// An address; version 6 has a zone, 0 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Address {
    V4(u32),
    V6([u16; 8], u32),
}

pub static IP_ADDRESS: TypeDef = TypeDef::new("System.Net.IPAddress", Kind::Class, &[ROWS, OFF_LIST]);

const ROWS: &[Row] = &[
    property("AddressFamily AddressFamily { get; }", |cx, a| {
        let value = if is_v4(this(cx, a[0])?) { 2 } else { 23 };
        Ok(Value::Enum { ty: type_of("AddressFamily"), value })
    }),
    method("bool Equals(object comparand)", |cx, a| {
        let own = this(cx, a[0])?;
        Ok(Value::Bool(cx.heap.extension::<Address>(a[1]).is_some_and(|&other| other == own)))
    }),
    method("byte[] GetAddressBytes()", |cx, a| {
        let bytes = bytes(this(cx, a[0])?);
        cx.heap.new_bytes(bytes)
    }),
    static_method("bool IsLoopback(IPAddress address)", |cx, a| {
        let address = cx.heap.extension::<Address>(a[0]).ok_or_else(|| Fault::argument_null("address"))?;
        Ok(Value::Bool(match *address {
            Address::V4(address) => address >> 24 == 127,
            Address::V6(groups, zone) => (groups, zone) == (LOOPBACK, 0) || groups == MAPPED_LOOPBACK,
        }))
    }),
    static_method("IPAddress Parse(string ipString)", |cx, a| {
        let text = cx.str(a[0], "ipString")?.to_wide();
        let address = read(&text).ok_or_else(|| Fault::throw("System.FormatException", INVALID))?;
        new(cx, address)
    }),
    method("string ToString()", |cx, a| {
        let text = show(this(cx, a[0])?);
        cx.new_str(&text)
    }),
    static_method("bool TryParse(string ipString, out IPAddress address)", |cx, a| {
        let found = cx.heap.str(a[0]).and_then(|text| read(&text.to_wide()));
        let value = match found {
            Some(address) => new(cx, address)?,
            None => Value::Null,
        };
        cx.set_out(1, value);
        Ok(Value::Bool(found.is_some()))
    }),
];

const INVALID: &str = "An invalid IP address was specified.";
const LOOPBACK: [u16; 8] = [0, 0, 0, 0, 0, 0, 0, 1];
const MAPPED_LOOPBACK: [u16; 8] = [0, 0, 0, 0, 0, 0xFFFF, 0x7F00, 1];

/// What .NET has beside the platform's list.
const OFF_LIST: &[Row] = &[
    constructor("IPAddress(long newAddress)", |cx, a| {
        let address = u32::try_from(long(a[0])).map_err(|_| out_of_range("newAddress"))?;
        new(cx, Address::V4(address.swap_bytes()))
    })
    .off_list(),
    constructor("IPAddress(byte[] address)", |cx, a| {
        let address = of_bytes(cx, a[0], 0)?;
        new(cx, address)
    })
    .off_list(),
    constructor("IPAddress(byte[] address, long scopeid)", |cx, a| {
        let zone = u32::try_from(long(a[1])).map_err(|_| out_of_range("scopeid"))?;
        match of_bytes(cx, a[0], zone)? {
            Address::V4(_) => Err(Fault::argument(INVALID, "address")),
            address => new(cx, address),
        }
    })
    .off_list(),
    static_property("IPAddress Any", |cx, _| new(cx, Address::V4(0))).off_list(),
    static_property("IPAddress Broadcast", |cx, _| new(cx, Address::V4(u32::MAX))).off_list(),
    static_property("IPAddress Loopback", |cx, _| new(cx, Address::V4(0x7F00_0001))).off_list(),
    static_property("IPAddress None", |cx, _| new(cx, Address::V4(u32::MAX))).off_list(),
    static_property("IPAddress IPv6Any", |cx, _| new(cx, Address::V6([0; 8], 0))).off_list(),
    static_property("IPAddress IPv6Loopback", |cx, _| new(cx, Address::V6(LOOPBACK, 0))).off_list(),
    static_property("IPAddress IPv6None", |cx, _| new(cx, Address::V6([0; 8], 0))).off_list(),
    property("bool IsIPv4MappedToIPv6 { get; }", |cx, a| v6_fact(cx, a, is_mapped)).off_list(),
    property("bool IsIPv6LinkLocal { get; }", |cx, a| v6_fact(cx, a, |g| g[0] & 0xFFC0 == 0xFE80)).off_list(),
    property("bool IsIPv6Multicast { get; }", |cx, a| v6_fact(cx, a, |g| g[0] & 0xFF00 == 0xFF00)).off_list(),
    property("bool IsIPv6SiteLocal { get; }", |cx, a| v6_fact(cx, a, |g| g[0] & 0xFFC0 == 0xFEC0)).off_list(),
    property("bool IsIPv6Teredo { get; }", |cx, a| v6_fact(cx, a, |g| g[..2] == [0x2001, 0])).off_list(),
    property_set(
        "long ScopeId { get; set; }",
        |cx, a| match this(cx, a[0])? {
            Address::V6(_, zone) => Ok(Value::Int64(zone.into())),
            Address::V4(_) => Err(not_supported()),
        },
        |cx, a| {
            let wanted = u32::try_from(long(a[1]));
            match cx.this_mut::<Address>(a[0])? {
                Address::V6(_, zone) => *zone = wanted.map_err(|_| out_of_range("value"))?,
                Address::V4(_) => return Err(not_supported()),
            }
            Ok(Value::Null)
        },
    )
    .off_list(),
    property("long Address { get; }", |cx, a| match this(cx, a[0])? {
        Address::V4(address) => Ok(Value::Int64(address.swap_bytes().into())),
        Address::V6(..) => Err(not_supported()),
    })
    .off_list(),
    method("int GetHashCode()", |cx, a| {
        let hash = bytes(this(cx, a[0])?).iter().fold(17i32, |hash, &b| hash.wrapping_mul(31).wrapping_add(b.into()));
        Ok(Value::Int32(hash))
    })
    .off_list(),
    method("IPAddress MapToIPv4()", |cx, a| match this(cx, a[0])? {
        Address::V6(groups, _) => new(cx, Address::V4(tail(&groups))),
        Address::V4(_) => Ok(a[0]),
    })
    .off_list(),
    method("IPAddress MapToIPv6()", |cx, a| match this(cx, a[0])? {
        Address::V4(v4) => new(cx, Address::V6([0, 0, 0, 0, 0, 0xFFFF, (v4 >> 16) as u16, v4 as u16], 0)),
        Address::V6(..) => Ok(a[0]),
    })
    .off_list(),
    static_method("short HostToNetworkOrder(short host)", |_, a| Ok(swapped(a[0]))).off_list(),
    static_method("int HostToNetworkOrder(int host)", |_, a| Ok(swapped(a[0]))).off_list(),
    static_method("long HostToNetworkOrder(long host)", |_, a| Ok(swapped(a[0]))).off_list(),
    static_method("short NetworkToHostOrder(short network)", |_, a| Ok(swapped(a[0]))).off_list(),
    static_method("int NetworkToHostOrder(int network)", |_, a| Ok(swapped(a[0]))).off_list(),
    static_method("long NetworkToHostOrder(long network)", |_, a| Ok(swapped(a[0]))).off_list(),
];

fn new(cx: &mut Call<'_>, address: Address) -> Result {
    cx.heap.new_extension(type_of("IPAddress"), address)
}

fn this(cx: &Call<'_>, value: Value) -> Result<Address> {
    cx.this::<Address>(value).copied()
}

fn is_v4(address: Address) -> bool {
    matches!(address, Address::V4(_))
}

fn out_of_range(parameter: &str) -> Fault {
    Fault::out_of_range("Specified argument was out of the range of valid values.", parameter)
}

fn not_supported() -> Fault {
    Fault::throw("System.Net.Sockets.SocketException", "Operation not supported")
}

fn swapped(value: Value) -> Value {
    match value {
        Value::Int16(v) => Value::Int16(v.swap_bytes()),
        Value::Int32(v) => Value::Int32(v.swap_bytes()),
        other => Value::Int64(long(other).swap_bytes()),
    }
}

fn v6_fact(cx: &Call<'_>, a: &[Value], is: fn(&[u16; 8]) -> bool) -> Result {
    Ok(Value::Bool(match this(cx, a[0])? {
        Address::V6(groups, _) => is(&groups),
        Address::V4(_) => false,
    }))
}

fn is_mapped(groups: &[u16; 8]) -> bool {
    groups[..6] == [0, 0, 0, 0, 0, 0xFFFF]
}

fn tail(groups: &[u16; 8]) -> u32 {
    u32::from(groups[6]) << 16 | u32::from(groups[7])
}

fn bytes(address: Address) -> Vec<u8> {
    match address {
        Address::V4(address) => address.to_be_bytes().to_vec(),
        Address::V6(groups, _) => groups.iter().flat_map(|group| group.to_be_bytes()).collect(),
    }
}

fn of_bytes(cx: &Call<'_>, value: Value, zone: u32) -> Result<Address> {
    let bytes = cx.heap.bytes(value).ok_or_else(|| Fault::argument_null("address"))?;
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Ok(Address::V4(u32::from_be_bytes(four)));
    }
    let sixteen = <[u8; 16]>::try_from(bytes).map_err(|_| Fault::argument(INVALID, "address"))?;
    let mut groups = [0; 8];
    for (group, pair) in groups.iter_mut().zip(sixteen.chunks_exact(2)) {
        *group = u16::from_be_bytes([pair[0], pair[1]]);
    }
    Ok(Address::V6(groups, zone))
}

/// An address in any form that .NET reads; a zone is a number, or means none.
fn read(text: &[u16]) -> Option<Address> {
    if !text.contains(&u16::from(b':')) {
        let (address, end) = lenient_v4(text, 0, true)?;
        return (end == text.len()).then_some(Address::V4(address));
    }
    if !is_v6(text) {
        return None;
    }
    let start = usize::from(text.first() == Some(&u16::from(b'[')));
    let (groups, zone) = read_v6(text, start);
    let zone = match zone {
        // The name of a network interface says nothing here.
        Some(zone) => String::from_utf16(&zone[1..]).ok().and_then(|zone| zone.parse().ok()).unwrap_or(0),
        None => 0,
    };
    Some(Address::V6(groups, zone))
}

fn show(address: Address) -> String {
    match address {
        Address::V4(address) => show_v4(address),
        Address::V6(groups, 0) => show_v6(&groups),
        Address::V6(groups, zone) => format!("{}%{zone}", show_v6(&groups)),
    }
}

pub static ADDRESS_FAMILY: TypeDef = TypeDef::new(
    "System.Net.Sockets.AddressFamily",
    Kind::Enum,
    &[&[
        enum_value("Unknown = -1", -1),
        enum_value("Unspecified = 0", 0),
        enum_value("Unix = 1", 1),
        enum_value("InterNetwork = 2", 2),
        enum_value("ImpLink = 3", 3),
        enum_value("Pup = 4", 4),
        enum_value("Chaos = 5", 5),
        enum_value("NS = 6", 6),
        enum_value("Ipx = 6", 6),
        enum_value("Osi = 7", 7),
        enum_value("Iso = 7", 7),
        enum_value("Ecma = 8", 8),
        enum_value("DataKit = 9", 9),
        enum_value("Ccitt = 10", 10),
        enum_value("Sna = 11", 11),
        enum_value("DecNet = 12", 12),
        enum_value("DataLink = 13", 13),
        enum_value("Lat = 14", 14),
        enum_value("HyperChannel = 15", 15),
        enum_value("AppleTalk = 16", 16),
        enum_value("NetBios = 17", 17),
        enum_value("VoiceView = 18", 18),
        enum_value("FireFox = 19", 19),
        enum_value("Banyan = 21", 21),
        enum_value("Atm = 22", 22),
        enum_value("InterNetworkV6 = 23", 23),
        enum_value("Cluster = 24", 24),
        enum_value("Ieee12844 = 25", 25),
        enum_value("Irda = 26", 26),
        enum_value("NetworkDesigners = 28", 28),
        enum_value("Max = 29", 29),
        enum_value("Packet = 65536", 65536),
        enum_value("ControllerAreaNetwork = 65537", 65537),
    ]],
)
.off_list();
