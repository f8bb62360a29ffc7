/**
The faults that can be broken into the pretend server (core/drill-faults.ts lists them). One-shot ones (stopped, removed, paused) are over as soon as somebody
starts the container; standing ones (a bug, a wrong port, a full disk) hold until one of their cures or `heal`, whatever is restarted.
*/

export type {CrashCause, Cure, Fault, FaultKind} from '../core/drill-faults.ts';
