# Sourced by run: the archive, unpacked somewhere else, and its launcher.

unpacked="$work/a folder/bulkhead-$version"

unpack() {
  mkdir -p "$work/a folder" && tar -C "$work/a folder" -xzf "$archive" && mv "$work/a folder"/bulkhead-* "$work/b" &&
    mv "$work/b" "$unpacked"
}
check "the archive unpacks" unpack

check "the launcher runs in a folder with a blank in its name" prints "$version" "$unpacked/bin/bulkhead" version

through_link() {
  ln -s "$unpacked/bin/bulkhead" "$work/bh" && cd / && prints "$version" "$work/bh" version
}
check "the launcher runs through a symbolic link" through_link

relative() {
  cd "$unpacked/lib" && prints "$version" ../bin/bulkhead version && cd ../bin && prints "$version" sh bulkhead version
}
check "the launcher runs by a relative path" relative

other_options() {
  JAVA_TOOL_OPTIONS=-Xmx1k JDK_JAVA_OPTIONS=-Dx=y prints "$version" "$unpacked/bin/bulkhead" version &&
    ! JDK_JAVA_OPTIONS=-Dx=y "$unpacked/bin/bulkhead" version 2>&1 | grep -i 'picked up'
}
check "Java options in the environment do not reach it" other_options

# A file named ü under LC_ALL=C: the JVM alone would throw. The error must be about the file, with its name.
plain_locale() {
  LC_ALL=C LANG=C prints 'fehlt-ü.yaml' "$unpacked/bin/bulkhead" check -f "$work/fehlt-ü.yaml"
}
check "file names beyond ASCII work under LC_ALL=C" plain_locale

# The program is replaced by one that takes off -Xlog:disable and notes where each class came from.
cache_in_use() {
  local real="$unpacked/runtime/bin/real" program="$unpacked/runtime/bin/bulkhead"
  mv "$program" "$real" && ln -sf real "$unpacked/runtime/bin/java"
  cat >"$program" <<WRAPPER
#!/bin/bash
for word; do shift; [ "\$word" = -Xlog:disable ] || set -- "\$@" "\$word"; done
exec "\${0%/*}/real" "-Xlog:class+load=info:file=$work/classes.txt" "\$@"
WRAPPER
  chmod +x "$program"
  "$unpacked/bin/bulkhead" version
  mv "$real" "$program" && ln -sf bulkhead "$unpacked/runtime/bin/java"
  grep -q 'io.bulkhead.Bulkhead source: shared objects file' "$work/classes.txt" ||
    { grep -m 5 bulkhead "$work/classes.txt"; ls "$unpacked/lib"; return 1; }
}
check "the command line's classes come from its cache, also in another folder" cache_in_use

check "the daemon has a cache" test -f "$(echo "$unpacked"/lib/daemon-*.aot)"

documents() {
  head -n 1 "$unpacked/share/man/man1/bulkhead.1" | grep '^\.TH BULKHEAD 1' &&
    bash -n "$unpacked/share/bash-completion/completions/bulkhead" &&
    grep -q '^#compdef bulkhead' "$unpacked/share/zsh/site-functions/_bulkhead" &&
    grep -q '^complete ' "$unpacked/share/fish/vendor_completions.d/bulkhead.fish"
}
check "the manual page and the shells' completions are in share/" documents

size() {
  local kilobytes
  kilobytes=$(($(stat -c %s "$archive") / 1024))
  echo "$kilobytes kB"
  [ "$kilobytes" -lt 40000 ]
}
check "the archive is below 40 MB" size
