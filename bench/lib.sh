# Shared by the benchmarks: starts programs, a provider, a Redis and edges on loopback ports. All end with the script.
# Sourced with bash from the root of the repository.

need() { # program, Debian package
  command -v "$1" >/dev/null || { echo "missing: $1 (Debian package $2)" >&2; exit 1; }
}
need dotnet dotnet-sdk-10.0
need wrk wrk
need redis-server redis-server
need redis-cli redis-tools
need curl curl
need jq jq

work=$(mktemp -d)
pids=()
stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT

provider=18180 redis=18181
admin=$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')

build() {
  echo "building …" >&2
  for project in Cencori.Edge bench/Provider; do
    dotnet build -c Release -v q --nologo $project >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
  done
}

start_redis() {
  redis-server --port $redis --bind 127.0.0.1 --save "" --appendonly no --dir "$work" >"$work/redis.log" &
  redis_pid=$!
  pids+=($redis_pid)
}

start_provider() {
  dotnet bench/Provider/bin/Release/net10.0/Provider.dll --urls=http://127.0.0.1:$provider >"$work/provider.log" &
  pids+=($!)
}

start_edge() { # port, data directory, more settings
  local port=$1 data=$2
  shift 2
  dotnet Cencori.Edge/bin/Release/net10.0/Cencori.Edge.dll --urls=http://127.0.0.1:"$port" --Storage:DataDirectory="$work/$data" --Admin:Token="$admin" \
    --ReverseProxy:Clusters:openai:Destinations:default:Address=http://127.0.0.1:$provider "$@" >"$work/$port.log" 2>&1 &
  pids+=($!)
  for _ in $(seq 100); do curl -sf "http://127.0.0.1:$port/v1/health" >/dev/null && return; sleep 0.1; done
  echo "the edge on port $port does not respond:" >&2
  cat "$work/$port.log" >&2
  exit 1
}

api() { curl -sf -H "Authorization: Bearer $admin" -H 'Content-Type: application/json' "$@"; }

make_key() { # port, limits; prints a key of a new project
  local base=http://127.0.0.1:$1/api/projects project
  project=$(api "$base" -d '{"name":"bench"}' | jq -r .project.id)
  api -X PUT "$base/$project/rate-limits" -d "$2" >/dev/null
  api "$base/$project/provider-keys" -d '{"provider":"openai","apiKey":"sk-bench-0123456789abcdef"}' >/dev/null
  api "$base/$project/api-keys" -d '{"name":"bench","key_type":"secret","environment":"production"}' | jq -r .apiKey.full_key
}

load() { # port, key, connections, seconds; prints what wrk says
  local script=$work/chat-$1.lua
  cat >"$script" <<LUA
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer $2"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"model":"gpt-4o","max_tokens":100,"messages":[{"role":"system","content":"You are a helpful assistant that answers briefly and to the point."},{"role":"user","content":"Hello! What can you do for me today?"}]}'
LUA
  wrk -t1 -c"$3" -d"$4"s --latency -s "$script" "http://127.0.0.1:$1/v1/chat/completions"
}
