# A hook of the OCI runtime, called when the namespaces of a container are there and its program is not: connects the network namespace to
# the outside by slirp4netns, a network stack in user space that needs no rights of its own and ends with the container.
#   outbound.sh SLIRP4NETNS    with the container's state (runtime-spec, runtime.md, "State") on standard input
set -u
state=$(cat | tr -d '\n\t ')
pid=${state#*\"pid\":}
pid=${pid%%[!0-9]*}
[ -n "$pid" ] || exit 1
folder=$(mktemp -d) || exit 1
mkfifo "$folder/ready" || exit 1
"$1" --configure --mtu=65520 --disable-host-loopback --enable-sandbox --enable-seccomp --ready-fd=3 "$pid" tap0 3>"$folder/ready" </dev/null >"$folder/words" 2>&1 &
# One byte when the interface is up; nothing when the program ended.
answer=$(head -c 1 "$folder/ready")
[ "$answer" = 1 ] || head -c 300 "$folder/words" >&2
rm -rf "$folder"
[ "$answer" = 1 ]
