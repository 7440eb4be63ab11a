# Sourced by run: the archive in a minimal Debian without Java. The system is made once by debootstrap and kept in the
# user's cache folder; each test sees it through a mount namespace of its own, so that nothing stays mounted.

chroot_system() {
  local codename=$1 mirror=$2
  system="${XDG_CACHE_HOME:-$HOME/.cache}/bulkhead/chroot-$codename"
  [ ! -e "$system/.complete" ] || return 0
  rm -rf "$system"
  mkdir -p "$system"
  PATH=$PATH:/usr/sbin debootstrap --variant=minbase "$codename" "$system" "$mirror" >"$work/debootstrap.log" 2>&1 ||
    { tail -n 5 "$work/debootstrap.log"; return 1; }
  rm -rf "$system"/var/cache/apt/archives/*.deb
  touch "$system/.complete"
}

# inside SCRIPT: runs it there, with the archive unpacked in /opt, /proc and the machine's cgroups mounted.
inside() {
  unshare --mount --propagation private bash -c '
    system=$1
    mount -t tmpfs none "$system/opt" && mount -t tmpfs none "$system/root" && mount -t tmpfs none "$system/run" &&
      mount -t tmpfs none "$system/tmp" &&
      mount --bind /proc "$system/proc" && mount --rbind /sys "$system/sys" && mount --bind /dev "$system/dev" &&
      tar -C "$system/opt" -xzf "$2" && mv "$system"/opt/bulkhead-* "$system/opt/bulkhead" &&
      cp -r "$3" "$system/root/examples" &&
      exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=de_DE.UTF-8 timeout -k 5 100 chroot "$system" /bin/sh -euc "$4"
  ' inside "$system" "$archive" "$root/examples" "$1"
}

chroot_tests() {
  local origin
  origin=$(apt-get indextargets --format '$(CODENAME) $(SITE)' 'Created-By: Packages' 2>/dev/null | head -n 1)
  if [ "$(id -u)" != 0 ]; then
    skip "the archive runs on a system without Java" "needs root for chroot"
  elif ! PATH=$PATH:/usr/sbin command -v debootstrap >/dev/null || [ -z "$origin" ]; then
    skip "the archive runs on a system without Java" "needs debootstrap and a Debian mirror"
  elif ! unshare --mount true 2>/dev/null; then
    skip "the archive runs on a system without Java" "no mount namespaces here"
  elif ! chroot_system $origin; then
    skip "the archive runs on a system without Java" "debootstrap could not fetch ${origin% *} from ${origin#* }"
  else
    check "there is no Java in the minimal system" inside '! command -v java'
    check "version runs there" prints "$version" inside '/opt/bulkhead/bin/bulkhead version'
    check "check -f runs there" inside '/opt/bulkhead/bin/bulkhead check -f /root/examples/shell/bulkhead.yaml'
    check "up, status, logs and shutdown work there" inside '
      cd /root
      bulkhead() { /opt/bulkhead/bin/bulkhead "$@" --home /root/home; }
      bulkhead up -d -f examples/shell/bulkhead.yaml
      n=0
      until bulkhead logs counter | grep "tick 2"; do n=$((n + 1)); [ $n -lt 100 ]; sleep 0.2; done
      bulkhead status
      bulkhead status --json >status.json
      grep "\"ready\"" status.json
      pids=$(sed -n "s/.*pid\": \([0-9]*\),*$/\1/p" status.json)
      [ "$(echo "$pids" | wc -l)" -ge 5 ]
      bulkhead shutdown
      for pid in $pids; do
        n=0
        while [ -d "/proc/$pid" ]; do n=$((n + 1)); [ $n -lt 50 ] || { echo "still there: $pid"; exit 1; }; sleep 0.2; done
      done
      echo "left in /tmp: $(ls /tmp)"
      [ -z "$(ls /tmp)" ]'
  fi
}
chroot_tests
