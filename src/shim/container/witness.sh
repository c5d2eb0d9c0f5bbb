# The outer process of a container: starts the inner one in namespaces of its own, and is still there when that was killed. Records how
# the container ended when nobody inside could, removes what the kernel does not take back by itself, and the folder when that was asked for.
#   witness.sh FOLDER ID CGROUP REMOVE UNSHARE_FLAGS... -- SUPERVISE_SH ARGUMENTS...
# Descriptors: 3 commands in, 4 states out, 10 and up listening sockets. CGROUP is '' where there is none; REMOVE is yes or no.
# In braces, and so read to its end before it begins: a new version may be written over it while it runs.
{
  set -u
  # Not that of the user: it would come to the files of the container.
  umask 022
  folder=$1 id=$2 cgroup=$3 remove=$4
  shift 4
  # Handlers, not ignored signals: those would be inherited by the container.
  trap : HUP INT QUIT TERM PIPE
  cd -- "$folder" || exit 125
  read -r stat </proc/self/stat
  read -r boot </proc/sys/kernel/random/boot_id
  # The ID stands in each file: names are given anew.
  printf '%s\n%s\n%s\n' "$boot" "$stat" "$id" >witness.new && mv witness.new witness
  exec 5>&2 2>setup.log
  # Waited for, and not beside us: what a shell starts beside itself ignores SIGINT and SIGQUIT.
  UNBAKE_OUTSIDE=$(readlink /proc/self/ns/mnt) unshare "$@"
  if [ ! -e exit ]; then
    printf '137 %s false killed %s\n' "$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)" "$id" 1<>exit.new && mv exit.new exit
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
    # A name that tells a sweep whose work this is (temporary-folder.ts). The 20th field from the state on is when we started.
    set -f
    set -- ${stat##*) }
    gone=${folder%/*}/.old-000000000000-$$-${20}-${boot%%-*}
    if [ "$folder" -ef . ] && mv -- "$folder" "$gone"; then
      rm -rf -- "$gone" 2>/dev/null || { chmod -R u+rwx -- "$gone" && rm -rf -- "$gone"; }
    fi
  fi
  exit 0
}
