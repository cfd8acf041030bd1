package dev.clew.faults.history;

/**
 * What a container wrote of itself.
 *
 * @param begin whether it began; else it ended
 * @param run name of the run
 * @param step name of the step
 * @param compensation whether it undid the step
 * @param attempt number of the attempt
 * @param pod UID of its pod
 * @param nanos since 1970, by the clock of this machine
 * @param exit the exit code that it was about to give; 0 of a beginning
 */
public record Effect(
        boolean begin, String run, String step, boolean compensation, int attempt, String pod, long nanos, int exit) {
    static Effect parse(String line) {
        String[] parts = line.split(" ", -1);
        return new Effect(
                parts[0].equals("begin"),
                parts[1],
                parts[2],
                parts[3].equals("true"),
                Integer.parseInt(parts[4]),
                parts[5],
                Long.parseLong(parts[6]),
                Integer.parseInt(parts[7]));
    }

    /** "charge 1" or "undo charge 1". */
    public String what() {
        return (compensation ? "undo " : "") + step + " " + attempt;
    }
}
