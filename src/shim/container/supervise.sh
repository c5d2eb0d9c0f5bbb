# The inner process of a container: pid 1 of its own pid and mount namespaces, so that when it ends, however it ends, the kernel ends
# everything below it and takes all mounts back. Mounts the root file system, runs the OCI runtime, and keeps the tending process alive.
#   supervise.sh FOLDER ID OVERLAY_OPTIONS LAYER_COUNT RUNTIME CGROUP NODE TEND INPUT BOUND
# BOUND is yes for a container that is to end with the command.
# Descriptors: 3 commands in, 4 states out, 5 standard error of the command that started all this, 10 and up listening sockets.
# In braces, and so read to its end before it begins: a new version may be written over it while it runs.
{
  set -u
  # A dump of a process that has a value of the vault would be a file.
  ulimit -c 0
  folder=$1 id=$2 overlay=$3 layers=$4 runtime=$5 cgroup=$6 node=$7 tend=$8 input=$9 bound=${10}
  trap : HUP INT QUIT TERM PIPE
  oom=false
  now() {
    date -u +%Y-%m-%dT%H:%M:%S.%NZ
  }
  # The exit code, and how it came to that: over what was written there to have the room for it.
  record() {
    printf '%s %s %s %s %s\n' "$1" "${finished:-$(now)}" "$oom" "$2" "$id" 1<>"$folder/exit.new" && mv "$folder/exit.new" "$folder/exit"
  }
  fail() {
    record 125 failed
    echo "failed $1" >&4
    exit 125
  }
  await() {
    read -r go <&3 && return
    record 125 abandoned
    exit 125
  }
  # Mounts of ours must never be the machine's, whatever called this.
  [ $$ = 1 ] && [ "$(readlink /proc/self/ns/mnt)" != "${UNBAKE_OUTSIDE:-$(readlink /proc/self/ns/mnt)}" ] || fail 'they are not its own'
  unset UNBAKE_OUTSIDE
  # Still the /proc of the machine: these are the numbers that others know this process by.
  read -r stat </proc/self/stat
  read -r boot </proc/sys/kernel/random/boot_id
  printf '%s\n%s\n%s\n' "$boot" "$stat" "$id" >supervisor.new && mv supervisor.new supervisor || fail 'the folder of the container cannot be written'
  mount -t proc proc /proc || fail 'proc cannot be mounted'
  private=$folder/private
  mount -t tmpfs -o mode=700 unbake "$private" || fail 'tmpfs cannot be mounted'
  cd "$private" || fail 'the tmpfs cannot be entered'
  mkdir rootfs runtime
  # Short names, for mount takes one page of options, and no `,`, `:` or `\` of the folder's path; the highest layer comes first.
  ln -s "$folder/layers" l
  ln -s "$folder" f
  lower=
  count=0
  while [ "$count" -lt "$layers" ]; do
    lower=l/$count${lower:+:}$lower
    count=$((count + 1))
  done
  # The newer calls of the kernel that mount uses where it can take but 256 bytes of an option.
  if LIBMOUNT_FORCE_MOUNT2=always mount -t overlay -o "${overlay}lowerdir=$lower,upperdir=f/upper,workdir=f/work" unbake rootfs; then
    echo "mounted ${stat%% *}" >&4
  else
    # Whoever listens makes one tree of the layers instead.
    echo "merge ${stat%% *}" >&4
    await
    mount --bind "$folder/tree" rootfs || fail 'the unpacked tree cannot be mounted'
    echo "mounted ${stat%% *}" >&4
  fi
  keep=
  case $("$runtime" run --help 2>&1) in *--keep*) keep=--keep ;; esac
  # What a shell starts beside itself ignores these two, and the container would too.
  heedful=
  env --default-signal=INT,QUIT true 2>/dev/null && heedful='env --default-signal=INT,QUIT'
  mkfifo in out err life
  # A fifo that is open in both directions can be opened for reading at once: whoever should write to it may die before.
  exec 6<>out 7<out 6<>life 6<life
  if [ "$input" = terminal ]; then exec 8</dev/null; else exec 9<>err 8<err 9<&-; fi
  await
  if [ "$bound" = yes ]; then
    # All but pid 1, which then records the end.
    { cat <&3 >/dev/null && kill -KILL -1; } 4>&- 5>&- &
  fi
  exec 3<&-
  # terminal: standard input is one; open: it never gives anything and never ends; given: it is ours.
  if [ "$input" = open ]; then exec 9<>in; else exec 9<&0; fi
  set -- $heedful "$runtime" --root "$private/runtime" --log "$private/runtime.log" --log-format json run $keep
  set -- "$@" --bundle "$private" --pid-file "$private/pid" "$id"
  if [ "$input" = terminal ]; then
    "$@" <&9 >out 2>&5 3>life 4>&- 5>&- 6<&- 7<&- 8<&- 9<&- &
  else
    "$@" <&9 >out 2>err 3>life 4>&- 5>&- 6<&- 7<&- 8<&- 9<&- &
  fi
  run=$!
  exec 9<&-
  while [ ! -s pid ] && kill -0 "$run" 2>/dev/null; do sleep 0.01; done
  if [ -s pid ]; then
    read -r init <pid
    printf '%s %s\n' "$(now)" "$id" >"$folder/started.new" && mv "$folder/started.new" "$folder/started"
    echo started >&4
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
  else
    # What the runtime says to its streams it says in its log too.
    cat <&7 >/dev/null
    cat <&8 >/dev/null
  fi
  # A signal ends a wait before its time.
  while
    wait "$run"
    code=$?
    kill -0 "$run" 2>/dev/null
  do :; done
  finished=$(now)
  for events in "/sys/fs/cgroup/memory$cgroup/memory.oom_control" "/sys/fs/cgroup$cgroup/memory.events"; do
    [ -n "$cgroup" ] && [ -r "$events" ] || continue
    while read -r key value; do
      if [ "$key" = oom_kill ] && [ "$value" != 0 ]; then oom=true; fi
    done <"$events"
  done
  how=ended
  if [ ! -s pid ]; then
    [ ! -s runtime.log ] || tail -c 8192 runtime.log >"$folder/runtime.log"
  elif [ "$code" -gt 128 ] && [ -e "/proc/$init" ]; then
    # The runtime would have taken its end back.
    how=orphaned
  fi
  record "$code" "$how"
  "$runtime" --root "$private/runtime" delete --force "$id" >/dev/null 2>&1
  exit 0
}
