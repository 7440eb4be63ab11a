# Sourced by ./bulkhead and ./check: sets `jdk` to the home of a JDK 25 or newer, or to nothing.

# The number before the first dot of a JDK's version, 0 where there is none. Reads the file that every JDK carries, because
# starting a JVM to ask takes longer than all the rest.
jdk_major() {
  [ -x "$1/bin/javac" ] && [ -x "$1/bin/jlink" ] && [ -r "$1/release" ] || { echo 0; return; }
  while IFS='="' read -r key _ value _; do
    [ "$key" != JAVA_VERSION ] || { echo "${value%%[!0-9]*}"; return; }
  done <"$1/release"
  echo 0
}

find_jdk() {
  jdk=
  on_path=$(command -v javac || true)
  [ -z "$on_path" ] || on_path=$(readlink -f "$on_path")
  for candidate in "${JAVA_HOME:-}" "${on_path%/bin/javac}" /usr/lib/jvm/* /opt/*jdk* /opt/java/* \
    "${SDKMAN_DIR:-$HOME/.sdkman}"/candidates/java/* "$HOME"/.jdks/*; do
    [ -n "$candidate" ] || continue
    major=$(jdk_major "$candidate")
    if [ "${major:-0}" -ge 25 ]; then
      jdk=$candidate
      return
    fi
  done
}

jdk_missing='Bulkhead is built with JDK 25 or newer, and none was found in JAVA_HOME, PATH, /usr/lib/jvm or SDKMAN.
  Debian, Ubuntu:  apt install openjdk-25-jdk     (where the release has it)
  any Linux:       https://adoptium.net/temurin/releases/?version=25 , unpacked under /usr/lib/jvm
  SDKMAN:          sdk install java 25-tem
It is needed for the build only: the result runs on machines without Java.'

mvn_missing='Bulkhead is built with Maven (3.8 or newer), and there is no mvn in PATH.
  Debian, Ubuntu:  apt install maven
  any Linux:       https://maven.apache.org/install.html
  SDKMAN:          sdk install maven'
