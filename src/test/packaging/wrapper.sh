# Sourced by run: ./bulkhead in a fresh copy of the sources.

copy="$work/a clone"

fresh_copy() {
  mkdir "$copy" && tar -C "$root" --exclude=./target --exclude=node_modules --exclude=./.git -cf - . | tar -C "$copy" -xf -
}
check "the sources are copied" fresh_copy

# Two at once, from another working directory: one builds, the other waits, both answer.
two_at_once() {
  cd / || return 1
  "$copy/bulkhead" version >"$work/one" 2>"$work/one.err" &
  local one=$!
  "$copy/bulkhead" version >"$work/two" 2>"$work/two.err" &
  local two=$!
  wait "$one"
  local first=$?
  wait "$two"
  local second=$?
  cat "$work"/{one,two}{,.err}
  [ "$first$second" = 00 ] && grep -qF "$version" "$work/one" && grep -qF "$version" "$work/two" &&
    [ "$(cat "$work"/{one,two}.err | grep -c '^Building')" = 1 ]
}
check "./bulkhead builds itself in a fresh copy, once when called twice" two_at_once

quiet_when_fresh() {
  cd "$work" && "$copy/bulkhead" version 2>&1 | tee "$work/quiet" && ! grep -q Building "$work/quiet"
}
check "./bulkhead does not build what is up to date" quiet_when_fresh

# A build by Maven takes a minute: where only its success counts, another mvn only says that it was called.
rebuilds() {
  mkdir "$work/builds" && printf '#!/bin/sh\necho "[INFO] --- compiler:compile ---"\n' >"$work/builds/mvn" && chmod +x "$work/builds/mvn" &&
    touch "$copy/src/main/java/io/bulkhead/Bulkhead.java" && cd / &&
    PATH=$work/builds:$PATH prints 'sources are newer' "$copy/bulkhead" version && quiet_when_fresh
}
check "./bulkhead builds again when a source has changed, once" rebuilds

broken_source() {
  echo 'not java' >>"$copy/src/main/java/io/bulkhead/Bulkhead.java"
  ! "$copy/bulkhead" version >"$work/broken" 2>"$work/broken.err" && cat "$work/broken.err" && [ ! -s "$work/broken" ] &&
    grep -q 'sources are newer' "$work/broken.err" && grep -q 'ERROR.*Bulkhead.java' "$work/broken.err"
}
check "./bulkhead shows why a build failed, and does not run the old program" broken_source

no_maven() {
  mkdir "$work/bin" && ln -s "$(command -v find)" "$(command -v readlink)" "$work/bin/" &&
    PATH=$work/bin prints 'apt install maven' /bin/sh "$copy/bulkhead" version
}
check "without Maven it says what to install" no_maven

no_jdk() {
  sed -i 's:/usr/lib/jvm/\*::' "$copy/src/main/packaging/find-jdk.sh" &&
    JAVA_HOME='' HOME=$work SDKMAN_DIR='' PATH=$work/bin prints 'JDK 25 or newer' /bin/sh "$copy/bulkhead" version
}
check "without a JDK it says what to install" no_jdk
