# The outer process of a container: starts the inner one in namespaces of its own, and is still there when that was killed. Records how
# the container ended when nobody inside could, removes what the kernel does not take back by itself, and the folder when that was asked for.
#   witness.sh FOLDER CGROUP REMOVE UNSHARE_FLAGS... -- SUPERVISE_SH ARGUMENTS...
# Descriptors: 3 commands in, 4 states out, 10 and up listening sockets. CGROUP is '' where there is none; REMOVE is yes or no.
set -u
folder=$1 cgroup=$2 remove=$3
shift 3
# Handlers, not ignored signals: those would be inherited by the container.
trap : HUP INT QUIT TERM PIPE
cd -- "$folder" || exit 125
read -r stat </proc/self/stat
read -r boot </proc/sys/kernel/random/boot_id
printf '%s\n%s\n' "$boot" "$stat" >witness.new && mv witness.new witness
exec 5>&2 2>setup.log 9<&0
unshare "$@" <&9 9<&- &
inner=$!
exec 9<&-
# A signal ends a wait before its time.
while kill -0 "$inner" 2>/dev/null; do wait "$inner"; done
now=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
if [ ! -e exit ]; then
  printf '137 %s - false killed\n' "$now" >exit.new && mv exit.new exit
fi
if [ -n "$cgroup" ]; then
  for try in 1 2 3 4 5 6 7 8 9 10; do
    left=
    for path in /sys/fs/cgroup"$cgroup" /sys/fs/cgroup/*"$cgroup"; do
      [ -d "$path" ] || continue
      find "$path" -depth -type d -exec rmdir {} + 2>/dev/null
      [ ! -d "$path" ] || left=yes
    done
    [ -n "$left" ] || break
    sleep 0.05
  done
fi
echo ended >&4 2>/dev/null
# Whoever waits reads what became of it first; when they are gone, or were never there, this is the end of the pipe.
if [ "$remove" = yes ]; then
  cat <&3 >/dev/null
  gone=$(dirname "$folder")/.removed-$(basename "$folder")-$$
  mv "$folder" "$gone" && { rm -rf "$gone" 2>/dev/null || { chmod -R u+rwx "$gone" && rm -rf "$gone"; }; }
fi
exit 0
