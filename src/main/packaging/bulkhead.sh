#!/bin/sh
# Starts Bulkhead on the Java runtime beside this script. Every command passes here: nothing is forked on the usual way
# through, and what each flag is worth in megabytes and milliseconds stands in ARCHITECTURE.md, "Weight".

self=$0
[ ! -h "$self" ] || self=$(readlink -f -- "$self")
case $self in
  */*) bin=${self%/*} ;;
  *) bin=. ;;
esac
case $bin in /*) ;; *) bin=$PWD/$bin ;; esac
case $bin in */bin) ;; *) bin=$(cd -P -- "$bin" && pwd) ;; esac
dist=${bin%/bin}

# `up` and `daemon` stay in memory and have a program of their own; help about them comes from the other one.
program=
for word in "$@"; do
  case $program:$word in
    :--home | :--config | :-f) program=skip ;; # its value comes next
    skip:*) program= ;;
    :-*) ;;
    :up | :daemon) program=daemon ;;
    daemon:--help | daemon:-h) program=cli && break ;;
    daemon:*) ;;
    :check | :__guard) program=guard && break ;; # what they load has a cache of its own
    *) program=cli && break ;;
  esac
done

case $program in daemon | guard) ;; *) program=cli ;; esac
if [ "$program" = daemon ]; then
  # A daemon outlives upgrades: it must not find another version behind a link that has moved on.
  dist=$(cd -P -- "$dist" && pwd)
  # A small young generation, a heap that shrinks at once, small tables beside those of the cache, memory given back to the system
  # every minute; only what is hot for long is compiled; no raised descriptor limit that apps would inherit; three of the
  # JVM's own alarm clocks, which ring 4, 1 and 1 times a second, off or slow.
  set -- -Xmx32m -Xms3m -Xmn1m -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=25 -XX:-ShrinkHeapInSteps -XX:ReservedCodeCacheSize=16m \
    -XX:StringTableSize=4096 -XX:CompileThresholdScaling=10 -XX:TrimNativeHeapInterval=60000 -XX:-MaxFDLimit \
    -XX:AsyncDeflationInterval=60000 -XX:GuaranteedSafepointInterval=0 \
    -XX:ServiceThreadCleanupInterval=60000 -XX:-AOTRecordTraining -XX:+ExitOnOutOfMemoryError \
    -Djdk.virtualThreadScheduler.parallelism=1 io.bulkhead.Daemon "$@"
else
  set -- -Xmx64m io.bulkhead.Bulkhead "$@"
  # Only for a person at a terminal is something forked: how wide it is costs 1 ms here, 30 ms in the JVM.
  if [ -t 1 ] && [ -z "${COLUMNS-}" ] && size=$(stty size <&1 2>/dev/null); then
    export COLUMNS="${size#* }"
  fi
fi
# The JVM complains about a cache that it cannot find on standard output, where --json documents go.
cache=$dist/lib/$program-@HASH@.aot
if [ -n "${BULKHEAD_TRAINING:-}" ]; then # set by the build alone, which makes the cache
  set -- "-XX:AOTCacheOutput=$BULKHEAD_TRAINING" "$@"
  unset BULKHEAD_TRAINING
elif [ -f "$cache" ]; then
  set -- "-XX:AOTCache=$cache" "$@"
fi

# Options meant for the user's own Java programs are not meant for this one.
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
# Under LC_ALL=C, or a locale that this machine lacks, the JVM could not open a file named ü. The apps get their own
# environment; these two properties say what the user's was.
set -- "-Dbulkhead.env.LC_ALL=${LC_ALL-}" "-Dbulkhead.env.MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX-}" "$@"
export LC_ALL=C.UTF-8 MALLOC_ARENA_MAX=1
# No machine code in the cache: it would be that of the processor of the build (seen: SIGILL on one without AVX).
exec "$dist/runtime/bin/bulkhead" -Xlog:disable -Xlog:all=warning:stderr \
  -XX:+UnlockDiagnosticVMOptions -XX:-AOTAdapterCaching -XX:-AOTStubCaching \
  -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -XX:-CreateCoredumpOnCrash -Xss256k \
  --enable-native-access=ALL-UNNAMED \
  "-Dbulkhead.dist=$dist" "-Dorg.sqlite.lib.path=$dist/lib" -Dorg.sqlite.lib.name=libsqlitejdbc.so \
  -cp "$dist/lib/bulkhead.jar:$dist/lib/snakeyaml-engine.jar:$dist/lib/sqlite-jdbc.jar" "$@"
