/**
Which engine is spoken to: `DOCKER_HOST`, else `/var/run/docker.sock`, else the rootless sockets. Hides the notations of DOCKER_HOST
and TLS certificates.

Invariant: an endpoint's `host` is a DOCKER_HOST value that children can be given to reach exactly this engine.
*/

import {constants} from 'node:fs';
import {access, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Failure, Outcome} from '../../core/ports.ts';
import {failure, failureOfError} from './failures.ts';

export type TlsFiles = {readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer};

export type Endpoint =
	| {readonly kind: 'unix'; readonly host: string; readonly socketPath: string}
	| {readonly kind: 'tcp'; readonly host: string; readonly socketPath: null; readonly hostName: string; readonly port: number; readonly tls: TlsFiles | null};

export type EndpointOptions = {
	/** The value of DOCKER_HOST; null to look for a socket. */
	readonly dockerHost: string | null;
	/** Sockets to try in order when `dockerHost` is null. */
	readonly socketPaths: readonly string[];
	/** The values of DOCKER_CERT_PATH and DOCKER_TLS_VERIFY, for `tcp://`. */
	readonly certPath: string | null;
	readonly tlsVerify: boolean;
};

/** The sockets that an engine without DOCKER_HOST may listen on, in the order in which they are tried. */
export const defaultSocketPaths = (places: {readonly runtimeDirectory: string | null; readonly homeDirectory: string | null}): readonly string[] => [
	'/var/run/docker.sock',
	...(places.runtimeDirectory === null ? [] : [join(places.runtimeDirectory, 'docker.sock')]),
	...(places.homeDirectory === null ? [] : [join(places.homeDirectory, '.docker/run/docker.sock')]),
];

/**
Finds the endpoint. Without DOCKER_HOST, sockets that are missing or denied are passed over; one that merely refuses is not,
since its engine is down and another engine's containers would be the wrong answer.
*/
export const findEndpoint = async (options: EndpointOptions): Promise<Outcome<Endpoint>> => {
	if (options.dockerHost !== null && options.dockerHost.trim() !== '') {
		return parseDockerHost(options.dockerHost.trim(), options);
	}

	let first: Failure | null = null;
	for (const socketPath of options.socketPaths) {
		const endpoint: Endpoint = {kind: 'unix', host: `unix://${socketPath}`, socketPath};
		try {
			await access(socketPath, constants.R_OK | constants.W_OK);
			return {ok: true, value: endpoint};
		} catch (error) {
			const why = failureOfError(error, endpoint);
			// A socket that exists but denies says more than one that is missing.
			first = first === null || (first.code === 'engine-missing' && why.code !== 'engine-missing') ? why : first;
		}
	}

	return {ok: false, failure: first ?? failure('engine-missing', 'no socket to look for')};
};

const parseDockerHost = async (dockerHost: string, options: EndpointOptions): Promise<Outcome<Endpoint>> => {
	if (dockerHost.startsWith('unix://')) {
		const socketPath = dockerHost.slice('unix://'.length) || '/var/run/docker.sock';
		return {ok: true, value: {kind: 'unix', host: `unix://${socketPath}`, socketPath}};
	}

	const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(dockerHost)?.[1]?.toLowerCase() ?? 'tcp';
	if (scheme !== 'tcp' && scheme !== 'http' && scheme !== 'https') {
		return {ok: false, failure: failure('engine-unsupported-host', dockerHost, {host: dockerHost, scheme})};
	}

	return parseTcpHost(dockerHost, scheme === 'https', options);
};

const parseTcpHost = async (dockerHost: string, secure: boolean, options: EndpointOptions): Promise<Outcome<Endpoint>> => {
	const address = dockerHost.replace(/^[a-z]+:\/\//i, '');
	if (!URL.canParse(`http://${address}`)) {
		return {ok: false, failure: failure('engine-unsupported-host', dockerHost, {host: dockerHost, scheme: 'tcp'})};
	}

	const url = new URL(`http://${address}`);
	const wantsTls = secure || options.tlsVerify;
	// URL leaves out the port 80 of http; DOCKER_HOST without a port means 2375, with TLS 2376.
	const port = url.port === '' ? (/:80(?:\/|$)/.test(address) ? 80 : wantsTls ? 2376 : 2375) : Number(url.port);
	const host = /^[a-z]+:\/\//i.test(dockerHost) ? dockerHost : `tcp://${dockerHost}`;
	const hostName = url.hostname.replace(/^\[(.*)\]$/, '$1');
	if (!wantsTls && port !== 2376) {
		return {ok: true, value: {kind: 'tcp', host, socketPath: null, hostName, port, tls: null}};
	}

	const tls = await readTlsFiles(options.certPath, host);
	return tls.ok ? {ok: true, value: {kind: 'tcp', host, socketPath: null, hostName, port, tls: tls.value}} : tls;
};

const readTlsFiles = async (certPath: string | null, host: string): Promise<Outcome<TlsFiles>> => {
	if (certPath === null) {
		return {ok: false, failure: failure('denied', 'TLS is wanted, but DOCKER_CERT_PATH is not set', {host})};
	}

	try {
		const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map(async name => readFile(join(certPath, name))));
		return {ok: true, value: {ca: ca!, cert: cert!, key: key!}};
	} catch (error) {
		const detail = error instanceof Error ? error.message : String(error);
		return {ok: false, failure: failure('denied', detail, {host, path: certPath})};
	}
};
