#!/usr/bin/env bash
# neo4j.sh fetch | run HOME PORT PASSWORD | admin HOME ARGUMENTS... | hand: brings the Community server of Neo4j from Maven Central into
# .tools/neo4j (jars that are run as a process of their own, never shipped), runs one that listens on a port of loopback with its data in
# HOME until it is told to end, runs neo4j-admin on the data in HOME while that server is stopped, or runs one for use by hand and says how
# to serve from it. It needs a JDK 17 or 21, and Maven for the first time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

version=5.26.31
jars=$PWD/.tools/neo4j/$version

lacking() {
	printf '*** NEO4J WILL NOT BE TESTED: %s ***\n' "$1" >&2
	exit 3
}

have_java() {
	command -v java >/dev/null && [[ $(java -version 2>&1 | head -n 1) =~ \"(17|21)\. ]]
}

fetch() {
	have_java || lacking "there is no JDK 17 or 21: install one (Debian: apt-get install openjdk-17-jre-headless maven)"
	if [[ -e $jars/.complete ]]; then return; fi
	command -v mvn >/dev/null || lacking "there is no Maven to fetch the server with: install it (Debian: apt-get install maven)"
	echo "fetching the Neo4j server $version, once" >&2
	local scratch log
	scratch=$(mktemp -d)
	log=$scratch/log
	cat >"$scratch/pom.xml" <<-EOF
		<project xmlns="http://maven.apache.org/POM/4.0.0">
		<modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version><packaging>pom</packaging>
		<dependencies><dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>$version</version></dependency></dependencies>
		</project>
	EOF
	local try
	for try in 1 2 3 4; do # the repository refuses bursts
		if mvn -q -B -f "$scratch/pom.xml" -Dmaven.artifact.threads=3 org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
			-DincludeScope=runtime -DoutputDirectory="$scratch/lib" >"$log" 2>&1; then
			mkdir -p "$(dirname "$jars")"
			rm -rf "$jars"
			mv "$scratch/lib" "$jars"
			touch "$jars/.complete"
			rm -rf "$scratch"
			return
		fi
		sleep $((try * 5))
	done
	tail -n 5 "$log" >&2
	rm -rf "$scratch"
	lacking "the server could not be fetched, see above"
}

admin() {
	local home=$1
	shift
	cd "$home" # where it leaves reports
	NEO4J_HOME=$home NEO4J_CONF=$home/conf java -cp "$jars/*" org.neo4j.server.startup.Neo4jAdminCommand "$@"
}

prepare() {
	local home=$1 port=$2 password=$3
	fetch
	mkdir -p "$home/conf" "$home/logs"
	cat >"$home/conf/neo4j.conf" <<-EOF
		server.default_listen_address=127.0.0.1
		server.bolt.listen_address=127.0.0.1:$port
		server.bolt.tls_level=DISABLED
		server.http.enabled=false
		server.https.enabled=false
		dbms.usage_report.enabled=false
		server.memory.heap.initial_size=${LACUNA_NEO4J_HEAP:-1g}
		server.memory.heap.max_size=${LACUNA_NEO4J_HEAP:-1g}
		server.memory.pagecache.size=${LACUNA_NEO4J_CACHE:-512m}
		server.bolt.connection_keep_alive_for_requests=${LACUNA_NEO4J_KEEP_ALIVE:-OFF}
		db.transaction.timeout=120s
		db.lock.acquisition.timeout=15s
		db.tx_log.preallocate=false
	EOF
	ln -sfn "$jars" "$home/lib"
	if [[ ! -e $home/data/dbms ]]; then
		admin "$home" dbms set-initial-password "$password" >/dev/null
	fi
}

run() {
	local home=$1
	prepare "$@"
	export NEO4J_HOME=$home NEO4J_CONF=$home/conf
	# Told to end, or where it is tied to its standard input at the end of that, the server is ended too: no test that dies leaves one behind.
	java -XX:+UseG1GC -XX:-OmitStackTraceInFastThrow -XX:+DisableExplicitGC -Dio.netty.tryReflectionSetAccessible=true \
		--add-opens=java.base/java.nio=ALL-UNNAMED --add-opens=java.base/java.io=ALL-UNNAMED --add-opens=java.base/sun.nio.ch=ALL-UNNAMED \
		--enable-native-access=ALL-UNNAMED -cp "$jars/*" org.neo4j.server.CommunityEntryPoint --home-dir="$home" --config-dir="$home/conf" </dev/null &
	local server=$!
	echo "$server" >"$home/server.pid"
	trap 'kill "$server" 2>/dev/null || true' TERM INT HUP
	if [[ ${LACUNA_NEO4J_TIED-} == true ]]; then
		{ cat >/dev/null; kill "$server" 2>/dev/null || true; } <&0 &
	fi
	while kill -0 "$server" 2>/dev/null; do wait "$server" || true; done
}

case ${1-} in
fetch) fetch ;;
run) run "$2" "$3" "$4" ;;
admin)
	mkdir -p "$2/conf"
	admin "${@:2}"
	;;
hand)
	port=${LACUNA_NEO4J_PORT:-7687}
	echo "Neo4j listens on 127.0.0.1:$port in a moment; its data is in .tools/neo4j/hand. In another terminal:" >&2
	echo "  LACUNA_NEO4J_PASSWORD=lacuna-by-hand bin/lacuna serve --store neo4j://neo4j@127.0.0.1:$port/neo4j" >&2
	run "$PWD/.tools/neo4j/hand" "$port" lacuna-by-hand
	;;
*)
	sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}" >&2
	exit 2
	;;
esac
