# $1: the directory with groups/PGID and NAME.pid; the rest: directories to remove at the end.
# Each line on stdin names a process group to kill now. The end of stdin is the end of the JVM.
trap '' HUP INT TERM PIPE
cd "$1" || exit 1
shift
while read -r group; do
  tries=0
  # until the kernel has done it; not for ever, because unreaped zombies count as members
  while kill -s KILL -- "-$group" 2>/dev/null && [ $tries -lt 20 ]; do
    tries=$((tries + 1))
    sleep 0.01
  done
  echo "$group"
done
kill_all() {
  for f in groups/*; do
    [ -e "$f" ] && kill -s KILL -- "-${f#groups/}" 2>/dev/null
  done
  for f in ./*.pid; do
    [ -e "$f" ] && read -r pid <"$f" && kill -s KILL -- "$pid" 2>/dev/null
  done
}
kill_all
# a launcher that was on its way when the JVM died may enter itself only now
if [ -n "$(ls ./*.pid 2>/dev/null)" ]; then
  sleep 1
  kill_all
fi
rm -rf -- "$@"
