#!/bin/bash
# The expressions of benches/engine/expressions.rs beside JIT-compiled C# and LuaJIT, in one run on this machine.
#
#     benches/beside.sh [FOLDER [ROUNDS]]
#
# FOLDER holds the same eight expressions for the peers: csharp/run.sh (which leaves Bench.dll in BENCH_WORK/csharp) and
# lua/bench.lua, which print a line per expression (name, lowest nanoseconds, median nanoseconds, result; tab-separated).
# Each round visits every peer once, for a few thousand evaluations of each expression: what disturbs can only add, so the
# table holds the lowest figure of many short runs rather than that of a few long ones, into which somebody always breaks.
# A round takes some five seconds.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
peers=$(cd "${1:-$here/../shared/bench}" && pwd)
rounds=${2:-12}
export CORE=${CORE:-0} BENCH_WORK=${BENCH_WORK:-/tmp/peers}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

cd "$here"
engine=${ENGINE:-}
if [ -z "$engine" ]; then
  cargo bench --no-run --bench engine
  engine=$(ls -t target/release/deps/engine-* | grep -v '\.d$' | head -1)
fi

# Mono, which run.sh visits too, is no peer: it is run once and shortly, for what it compiles.
SCALE=0 "$peers/csharp/run.sh" >"$out/first"
dotnet=${DOTNET_DIR:-$BENCH_WORK/dotnet/dotnetcore2/bin}/dotnet
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
export BENCH_BODY="$peers/body-2k.json" LUA_CPATH='/usr/lib/x86_64-linux-gnu/lua/5.1/?.so;;'
luajit=$(command -v luajit2 || command -v luajit)
# The script has a number of evaluations beside each name: a fiftieth of each.
sed -E 's/^(    \{ "[^"]+", [0-9.]+)e([0-9])/\1e\2 \/ 50/' "$peers/lua/bench.lua" >"$out/bench.lua"

for round in $(seq "$rounds"); do
  taskset -c "$CORE" "$engine" --bench 'evaluate.*/?[0-8] ' --sample-count 100 >>"$out/engine"
  echo "## CoreCLR" >>"$out/peers"
  # Without HMAC, for which .NET Core 3.1 wants an OpenSSL that few machines still have.
  (cd "$BENCH_WORK/csharp" && taskset -c "$CORE" "$dotnet" exec --runtimeconfig Bench.runtimeconfig.json Bench.dll \
    "$BENCH_BODY" 0.002 7 >>"$out/peers")
  echo "## LuaJIT" >>"$out/peers"
  taskset -c "$CORE" "$luajit" "$out/bench.lua" >>"$out/peers"
done

python3 - "$out" <<'P'
import re, sys
out = sys.argv[1]
UNITS = {"ns": 1, "µs": 1e3, "us": 1e3, "ms": 1e6, "s": 1e9}
lowest = {}
def note(who, case, value):
    key = (who, case)
    lowest[key] = min(value, lowest.get(key, value))
who = None
for line in open(out + "/peers", encoding="utf-8", errors="replace"):
    if line.startswith("##"):
        who = next((name for name in ("CoreCLR", "LuaJIT", "mono", "nginx") if name.lower() in line.lower()), None)
        continue
    fields = line.rstrip("\n").split("\t")
    if who and len(fields) > 2 and re.match(r"[0-8] ", fields[0]) and re.match(r"[0-9.]+$", fields[1]):
        if "ngx.re" not in fields[0]:
            note(who, fields[0][0], float(fields[1]))
case, allocations, wanted = None, {}, None
for line in open(out + "/engine", encoding="utf-8"):
    text = line.strip("│├╰─ \n")
    found = re.match(r"([0-8]) .*?  +([0-9.]+) (ns|µs|us|ms|s)\b", text)
    if found:
        case = found[1]
        note("Portcullis", case, float(found[2]) * UNITS[found[3]])
    elif text.startswith("alloc:"):
        wanted = case
    elif wanted and (count := re.match(r"([0-9.]+)", text)):
        allocations[wanted] = count[1]
        wanted = None
NAMES = ["nothing", "header ==", "interpolate, ToUpper", "int.Parse", "Regex with a group", "JObject.Parse of 2 KiB",
         "LINQ over 20 strings", "HMAC of 256 bytes, Base64", "loop of 100, StringBuilder"]
COLUMNS = ["Portcullis", "CoreCLR", "LuaJIT"]
show = lambda value: "-" if value is None else f"{value:,.0f}"
print("| expression | Portcullis, ns | allocations | CoreCLR, ns | LuaJIT, ns | × CoreCLR | × LuaJIT |")
print("|---|--:|--:|--:|--:|--:|--:|")
for at, name in enumerate(NAMES):
    own, clr, lua = (lowest.get((column, str(at))) for column in COLUMNS)
    ratio = lambda other: "-" if not own or not other else f"{own / other:.2f}"
    print(f"| {name} | {show(own)} | {allocations.get(str(at), '0')} | {show(clr)} | {show(lua)} | {ratio(clr)} | {ratio(lua)} |")
P
