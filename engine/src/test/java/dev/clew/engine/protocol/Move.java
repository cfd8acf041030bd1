package dev.clew.engine.protocol;

import java.util.function.Consumer;

/** Something that can happen next. */
record Move(Kind kind, String what, Consumer<World> effect) {
    /** How it comes about. */
    enum Kind {
        /** Happens sooner or later. */
        DUE,
        /** May happen, or never. */
        OPEN,
        /** Goes wrong; only so often in one schedule. */
        FAULT
    }
}
