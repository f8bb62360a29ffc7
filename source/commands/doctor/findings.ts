/** The shapes that doctor's checks give and take: what a check found, and the small questions to the machine that tests answer themselves. */

import type {DoctorArea, DoctorCode} from '../../messages/doctor.ts';
import type {FailureCode, Failure, Outcome} from '../../core/ports.ts';

/** `bad` is missing or broken, `warn` could be better, `unknown` cannot be told. */
export type FindingStatus = 'ok' | 'warn' | 'bad' | 'unknown';

export type DoctorFinding = {
	readonly area: DoctorArea;
	readonly status: FindingStatus;
	readonly code: DoctorCode | FailureCode;
	readonly params: Readonly<Record<string, string | number>>;
	/** Set where a port failed: its own words go along. */
	readonly failure?: Failure;
	/** More lines below, such as the problems of a configuration. Already sentences. */
	readonly more?: readonly string[];
};

export const finding = (area: DoctorArea, status: FindingStatus, code: DoctorCode, params: Readonly<Record<string, string | number>> = {}): DoctorFinding =>
	({area, status, code, params});

export const failed = (area: DoctorArea, failure: Failure, status: FindingStatus = 'bad'): DoctorFinding =>
	({area, status, code: failure.code, params: failure.params ?? {}, failure});

export type PathAnswer = 'right' | 'missing' | 'denied' | 'wrong' | 'silent';
export type PortAnswer = 'answers' | 'refused' | 'closes' | 'silent';

export type TerminalFacts = {
	readonly isTerminal: boolean;
	readonly term: string;
	readonly columns: number;
	readonly rows: number;
	/** How many colours it shows; 2 is none. */
	readonly colours: number;
	readonly locale: string;
	readonly isUtf8: boolean;
};

export type StateFacts = {
	readonly shared: {readonly path: string; readonly exists: boolean; readonly silent: boolean; readonly writable: boolean; readonly group: string};
	readonly own: {readonly path: string; readonly writable: boolean};
};

/** The place that a change would use, as the commands adapter tells it. */
export type RuntimeFacts = {readonly path: string; readonly shared: boolean; readonly memoryBacked: boolean};

/** Whether a run outlives the logout of this user, as the commands adapter tells it. */
export type LogoutAnswer = {readonly survives: boolean; readonly remedy: 'linger' | 'systemd-run' | null; readonly removesFiles: boolean};

/** Questions to the machine. Each ends by itself within a few seconds and changes nothing that matters. */
export type DoctorProbes = {
	readonly user: string;
	readonly isRoot: boolean;
	/** Absolute path of a program on PATH, or null. */
	findProgram(name: string): Promise<string | null>;
	look(path: string, kind: 'directory' | 'file'): Promise<PathAnswer>;
	connect(host: string, port: number): Promise<PortAnswer>;
	terminal(): TerminalFacts;
	state(): Promise<StateFacts>;
	runtime(): Promise<Outcome<RuntimeFacts>>;
	survivesLogout(): Promise<Outcome<LogoutAnswer>>;
	/** Null when it cannot be told. */
	isClockSynchronised(): Promise<boolean | null>;
};
