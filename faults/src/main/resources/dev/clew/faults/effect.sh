# effect.sh LEDGER SECONDS EXIT [OUTPUT]: a step that enters in a ledger when it begins and ends.
# EXIT is a number or arithmetic, such as CLEW_ATTEMPT==1.
ledger=$1 seconds=$2 code=$(($3)) output=$4
tell() {
  echo "$1 $CLEW_RUN $CLEW_STEP ${CLEW_COMPENSATING:-false} $CLEW_ATTEMPT $POD_UID $(date +%s%N) $2" >>"$ledger"
}
trap 'kill $! 2>/dev/null; tell end 143; exit 143' TERM
tell begin 0
if [ "$seconds" != 0 ]; then
  sleep "$seconds" &
  wait $!
fi
[ -z "$output" ] || echo "$output" >>"$CLEW_OUTPUT"
tell end "$code"
exit "$code"
