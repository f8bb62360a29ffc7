/**
The Docker side of the program as ports over one engine client. Hides that they share one lookup of the engine and its connections.
*/

import type {InspectionPort} from '../../core/inspection.ts';
import type {Clock, ContainersPort, LogsPort, MetricsPort} from '../../core/ports.ts';
import {createCgroupReader} from './cgroup.ts';
import {createEngineClient} from './client.ts';
import {createContainersPort} from './containers.ts';
import {defaultSocketPaths} from './endpoint.ts';
import {createEngineInspection} from './inspection.ts';
import {createLogsPort} from './logs.ts';
import {createMetricsPort} from './metrics.ts';

export type DockerOptions = {
	/** The value of DOCKER_HOST; null (or empty) to look for a socket. */
	readonly dockerHost: string | null;
	/** The values of DOCKER_CERT_PATH, and of DOCKER_TLS_VERIFY when it is not empty; used for `tcp://` only. */
	readonly certPath?: string | null;
	readonly tlsVerify?: boolean;
	/** The values of XDG_RUNTIME_DIR and HOME, for the rootless sockets. */
	readonly runtimeDirectory?: string | null;
	readonly homeDirectory?: string | null;
	/** Replaces the sockets that are looked for. */
	readonly socketPaths?: readonly string[];
	readonly clock: Clock;
	/** Sent with every request, such as `mdc-console/0.1.0`. */
	readonly userAgent: string;
	/** Put before every path of /proc and /sys; for tests. */
	readonly fileSystemRoot?: string;
};

export type DockerPorts = {
	readonly containers: ContainersPort;
	readonly logs: LogsPort;
	readonly metrics: MetricsPort;
	readonly inspection: Pick<InspectionPort, 'environment' | 'network'>;
	/** Stops every stream without a word, ends every call (`cancelled`), and lets go of the connections. */
	close(): void;
};

/** Makes the ports; nothing is connected before the first call. */
export const createDockerPorts = (options: DockerOptions): DockerPorts => {
	const client = createEngineClient({
		dockerHost: options.dockerHost,
		socketPaths: options.socketPaths ?? defaultSocketPaths({runtimeDirectory: options.runtimeDirectory ?? null, homeDirectory: options.homeDirectory ?? null}),
		certPath: options.certPath ?? null,
		tlsVerify: options.tlsVerify ?? false,
		clock: options.clock,
		userAgent: options.userAgent,
	});
	return {
		containers: createContainersPort(client),
		logs: createLogsPort(client),
		metrics: createMetricsPort({client, readCgroup: createCgroupReader(options.fileSystemRoot)}),
		inspection: createEngineInspection(client),
		close: client.close,
	};
};
