/**
The outside as the read-only checks see it, as types: who listens, which processes a container has, what the kernel and the Docker unit logged, which
variables there are, who is attached to a network. Beside ports.ts, whose conventions hold here too: expected failures are values, every call ends by itself.
*/

import type {Outcome} from './ports.ts';
import type {Variable} from './secrets.ts';
import type {SafeText} from './text.ts';

/** A listening socket. `owner` is null where only root may see whose it is. */
export type Listener = {
	readonly port: number;
	/** `0.0.0.0`, `127.0.0.1`, `::`. */
	readonly address: string;
	/** The service in whose network it listens; null on the host itself. */
	readonly service: string | null;
	readonly owner: {readonly pid: number; readonly name: SafeText; readonly containerId: string | null; readonly sinceMs: number | null} | null;
};

export type ProcessDetail = {
	readonly pid: number;
	readonly parentPid: number;
	readonly name: SafeText;
	readonly containerId: string | null;
	readonly startedAtMs: number;
	/** Of one core, over its whole life. */
	readonly cpuCores: number;
	readonly memoryBytes: number;
};

export type SystemLogLine = {readonly atMs: number; readonly text: SafeText};

/** What is known of a variable that is shown; `value` only of a known-harmless few. */
export type VariablePresence = {readonly name: string; readonly length: number; readonly value: string | null};

export type NetworkMember = {readonly name: SafeText; readonly address: string; readonly aliases: readonly string[]};

/** A file that belongs to the project, as the checks read it. */
export type EnvironmentFile = {readonly path: string; readonly variables: readonly Variable[]};

export type InspectionPort = {
	/** Listening TCP sockets of the host and of these containers' networks. From /proc, without forking. */
	listeners(containers: readonly {readonly service: string; readonly pid: number}[]): Promise<Outcome<readonly Listener[]>>;
	/** The processes of these containers. From /proc, without forking. */
	processesOf(containerIds: readonly string[]): Promise<Outcome<readonly ProcessDetail[]>>;
	/** The newest lines of the kernel's ring; `denied` where it may not be read. */
	kernelLog(count: number): Promise<Outcome<readonly SystemLogLine[]>>;
	/** Is this host run by systemd, so that a Docker unit has a journal? */
	hasSystemd(): Promise<boolean>;
	/** A container's environment as it was created with. The values are for `Secrets` and for nothing else. */
	environment(containerId: string): Promise<Outcome<readonly Variable[]>>;
	/** A network with who is attached to it now. */
	network(name: string): Promise<Outcome<readonly NetworkMember[]>>;
	/** The directory's `.env`. */
	environmentFile(directory: string): Promise<Outcome<EnvironmentFile>>;
	/** Names that the compose files want from the environment and give no default for. */
	neededVariables(directory: string, files: readonly string[]): Promise<Outcome<readonly string[]>>;
	/** The text of a file of the project; bounded at 64 kB. */
	projectFile(directory: string, name: string): Promise<Outcome<string>>;
};
