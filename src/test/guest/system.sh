# Sourced by run: Debian with systemd as a disk image, made once by debootstrap and kept in the user's cache folder under
# a hash of this file: whoever changes what is in the system gets a new one.

release=${GUEST_RELEASE:-bookworm}
packages=systemd,systemd-sysv,libpam-systemd,dbus,dbus-user-session,udev,procps,util-linux,iproute2,kmod,python3,openssh-server,linux-image-cloud-amd64

# make_system: sets $disk, $kernel and $initrd; says why not in $missing and fails.
make_system() {
  local cache mirror key
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/bulkhead
  key=$(sha256sum <"$here/system.sh" | cut -c1-12)
  disk=$cache/guest-$release-$key/disk.img kernel=$cache/guest-$release-$key/vmlinuz initrd=$cache/guest-$release-$key/initrd.img
  [ ! -e "$initrd" ] || return 0

  [ "$(id -u)" = 0 ] || { missing='the system has to be made by root once'; return 1; }
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || { missing="apt of this machine names no Debian mirror for $release"; return 1; }
  echo "# making Debian ($release) out of $mirror: once, about two minutes"
  rm -rf "$cache/guest-$release"-*
  mkdir -p "$cache"
  making=$(mktemp -d "$cache/making-XXXXXX")
  local system=$making/system
  if ! timeout -k 10 600 debootstrap --variant=minbase --include="$packages" "$release" "$system" "$mirror" \
    >"$logs/debootstrap.log" 2>&1; then
    missing="debootstrap could not make $release from $mirror: $(tail -n 1 "$logs/debootstrap.log")"
    return 1
  fi
  furnish_system "$system"
  cp "$system"/boot/vmlinuz-* "$making/vmlinuz"
  cp "$system"/boot/initrd.img-* "$making/initrd.img"
  truncate -s 3G "$making/disk.img"
  if ! mkfs.ext4 -q -F -d "$system" "$making/disk.img" >"$logs/mkfs.log" 2>&1; then
    missing="mkfs.ext4 failed: $(tail -n 1 "$logs/mkfs.log")"
    return 1
  fi
  rm -rf "$system"
  chmod 755 "$making"
  mv "$making" "$cache/guest-$release-$key"
}

# The one that apt uses here for Debian itself, whatever release this machine has: security updates live elsewhere.
debian_mirror() {
  apt-get indextargets --format '$(ORIGIN) $(LABEL) $(CODENAME) $(SITE)' 'Created-By: Packages' 2>/dev/null |
    awk '$1 == "Debian" && $2 == "Debian" && $3 !~ /-/ { print $4; exit }'
}

furnish_system() {
  local system=$1
  rm -rf "$system"/var/cache/apt/archives/*.deb "$system"/var/lib/apt/lists/*
  sed -i 's/^root:[^:]*:/root::/' "$system/etc/shadow"
  echo guest >"$system/etc/hostname"
  chroot "$system" useradd --create-home --shell /bin/sh person
  # Who wants to log in starts it.
  rm -f "$system"/etc/systemd/system/multi-user.target.wants/ssh.service "$system/etc/systemd/system/sshd.service"
  # The serial lines belong to the kernel and to the tests; the rest would only take time.
  for unit in serial-getty@ttyS0.service getty@tty1.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer fstrim.timer e2scrub_reap.service; do
    ln -sf /dev/null "$system/etc/systemd/system/$unit"
  done
  # Ends the machine whatever becomes of the tests.
  cat >"$system/etc/systemd/system/guest-tests.service" <<'UNIT'
[Unit]
Description=Tests of Bulkhead
After=multi-user.target
SuccessAction=poweroff-force
FailureAction=poweroff-force

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'exec >/dev/ttyS1 2>&1; stty -opost <&1; mkdir -p /tests; mount -o ro /dev/vdb /tests && exec python3 -B -u /tests/guest/inside.py'
Environment=HOME=/root PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
UNIT
  mkdir -p "$system/etc/systemd/system/multi-user.target.wants"
  ln -s ../guest-tests.service "$system/etc/systemd/system/multi-user.target.wants/guest-tests.service"
}
