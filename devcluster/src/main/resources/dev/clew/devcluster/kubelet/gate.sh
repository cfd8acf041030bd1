# Waits until the process guard knows of this process, then becomes the container's program.
# $1: names of shell variables to drop; the rest: the command. If the JVM is gone, nothing is run.
read -r go || exit 125
drop=$1
shift
unset go
[ -z "$drop" ] || unset $drop drop
exec "$@" </dev/null
