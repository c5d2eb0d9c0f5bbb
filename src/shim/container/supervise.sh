# The inner process of a container: pid 1 of its own pid and mount namespaces, so that when it ends, however it ends, the kernel ends
# everything below it and takes all mounts back. Mounts the root file system, runs the OCI runtime, and keeps the tending process alive.
#   supervise.sh FOLDER ID OVERLAY_OPTIONS LAYER_COUNT RUNTIME CGROUP NODE TEND INPUT
# Descriptors: 3 commands in, 4 states out, 5 standard error of the command that started all this, 10 and up listening sockets.
set -u
folder=$1 id=$2 overlay=$3 layers=$4 runtime=$5 cgroup=$6 node=$7 tend=$8 input=$9
trap : HUP INT QUIT TERM PIPE
fail() {
  echo "failed $1" >&4
  exit 125
}
# Still the /proc of the machine: these are the numbers that others know this process by.
read -r stat </proc/self/stat
read -r boot </proc/sys/kernel/random/boot_id
printf '%s\n%s\n' "$boot" "$stat" >supervisor.new && mv supervisor.new supervisor || fail 'the folder of the container cannot be written'
mount -t proc proc /proc || fail 'proc cannot be mounted'
private=$folder/private
mount -t tmpfs -o mode=700 unbake "$private" || fail 'tmpfs cannot be mounted'
cd "$private" || fail 'the tmpfs cannot be entered'
mkdir rootfs runtime
# Short names, for mount takes one page of options; the highest layer comes first.
lower=
count=0
while [ "$count" -lt "$layers" ]; do
  lower=l/$count${lower:+:}$lower
  count=$((count + 1))
done
ln -s "$folder/layers" l
if mount -t overlay -o "${overlay}lowerdir=$lower,upperdir=$folder/upper,workdir=$folder/work" unbake rootfs; then
  echo "mounted ${stat%% *}" >&4
else
  # Whoever listens makes one tree of the layers instead.
  echo "merge ${stat%% *}" >&4
  read -r go <&3 || exit 125
  mount --bind "$folder/tree" rootfs || fail 'the unpacked tree cannot be mounted'
  echo "mounted ${stat%% *}" >&4
fi
keep=
case $("$runtime" run --help 2>&1) in *--keep*) keep=--keep ;; esac
read -r go <&3 || exit 125
exec 3<&-
mkfifo in out err life
# terminal: standard input is one; open: it never gives anything and never ends; given: it is ours.
if [ "$input" = open ]; then exec 9<>in; else exec 9<&0; fi
if [ "$input" = terminal ]; then
  "$runtime" --root "$private/runtime" --log "$private/runtime.log" --log-format json run $keep --bundle "$private" --pid-file "$private/pid" "$id" <&9 >out 2>&5 3>life 4>&- 5>&- 9<&- &
else
  "$runtime" --root "$private/runtime" --log "$private/runtime.log" --log-format json run $keep --bundle "$private" --pid-file "$private/pid" "$id" <&9 >out 2>err 3>life 4>&- 5>&- 9<&- &
fi
run=$!
# Each opening waits for the other side, in the same order.
exec 7<out
if [ "$input" = terminal ]; then exec 8</dev/null; else exec 8<err; fi
exec 6<life 9<&-
while [ ! -s pid ] && kill -0 "$run" 2>/dev/null; do sleep 0.01; done
started=-
if [ -s pid ]; then
  started=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
  echo "$started" >"$folder/started.new" && mv "$folder/started.new" "$folder/started"
  echo started >&4
fi
if [ "$started" = - ]; then
  # What the runtime says to its streams it says in its log too.
  cat <&7 >/dev/null
  cat <&8 >/dev/null
else
  read -r init <pid
  # A tending process that was killed is started again: it keeps nothing that the descriptors do not.
  mishaps=0
  while [ "$mishaps" -lt 10 ]; do
    set -- "$node" --max-semi-space-size=1 "$tend" "$private/tend.json"
    if [ -e tend-inside ] && [ -e "/proc/$init/ns/net" ]; then set -- nsenter --net="/proc/$init/ns/net" -- "$@"; fi
    "$@" </dev/null 2>&5 4>&- 5>&-
    case $? in
      0) break ;;
      137) ;;
      *) mishaps=$((mishaps + 1)) && sleep 0.1 ;;
    esac
  done
  if [ "$mishaps" -ge 10 ]; then
    echo 'the tending process cannot be started: output is lost and ports are closed' >>"$folder/setup.log"
    cat <&7 >/dev/null &
    cat <&8 >/dev/null
  fi
fi
wait "$run"
code=$?
finished=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
oom=false
for events in "/sys/fs/cgroup/memory$cgroup/memory.oom_control" "/sys/fs/cgroup$cgroup/memory.events"; do
  [ -n "$cgroup" ] && [ -r "$events" ] || continue
  while read -r key value; do
    if [ "$key" = oom_kill ] && [ "$value" != 0 ]; then oom=true; fi
  done <"$events"
done
if [ "$started" = - ] && [ -s runtime.log ]; then tail -c 8192 runtime.log >"$folder/runtime.log"; fi
printf '%s %s %s %s ended\n' "$code" "$finished" "$started" "$oom" >"$folder/exit.new" && mv "$folder/exit.new" "$folder/exit"
"$runtime" --root "$private/runtime" delete --force "$id" >/dev/null 2>&1
exit 0
