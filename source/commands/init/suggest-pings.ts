/**
Which pings suit a running project: hides how a container's image, ports and health check tell what it is. Pure. What is only
guessed (a path) is never decisive, so that a wrong guess is a warning and not an outage.
*/

import type {ContainerFacts, PingKind, PingTarget, PublishedPort} from '../../core/ports.ts';

export type SuggestedPing = {
	readonly name: string;
	readonly kind: PingKind;
	readonly address: string;
	readonly service: string;
	readonly via: PingTarget['via'];
	readonly decisive: boolean;
	/** True when the path of an http ping is not known. */
	readonly guessed: boolean;
	readonly containerPort: number;
	/** Null when the port is not published (or not known to be) and the ping finds its way by `via`. */
	readonly hostPort: number | null;
};

/** What is known of a service when no container of it is there: from the compose file. */
export type ServiceOutline = Pick<ContainerFacts, 'service' | 'image' | 'ports' | 'healthCommand'>;

const webPorts: ReadonlySet<number> = new Set([80, 3000, 4000, 5000, 5001, 8000, 8001, 8008, 8080, 8081, 8888, 9000]);
// Where the engine takes ports from when the compose file names only the container's: it changes at every start.
const firstEphemeralPort = 32_768;

/** The image's own name, without registry, path, tag and digest: `postgres` of `registry/library/postgres:15@sha256:…`. */
const imageName = (image: string): string => image.split('@')[0]!.split('/').at(-1)!.split(':')[0]!.toLowerCase();

const isHelper = (image: string): boolean => /exporter|admin|commander|insight|backup|bouncer|sentinel|pgpool/.test(imageName(image));

/** One ping or more for each service, in the order of the services. `usual` are the default pings, whose paths are known to be right for their service. */
export const suggestPings = (services: readonly ServiceOutline[], usual: readonly PingTarget[]): readonly SuggestedPing[] => {
	const pings: SuggestedPing[] = [];
	const seen = new Set<string>();
	for (const outline of services) {
		if (!seen.has(outline.service)) {
			seen.add(outline.service);
			pings.push(...pingsOf(outline, usual));
		}
	}

	return distinctNames(pings);
};

const pingsOf = (outline: ServiceOutline, usual: readonly PingTarget[]): readonly SuggestedPing[] => {
	const {service, image, ports} = outline;
	const base = {service, name: service, guessed: false};
	if (!isHelper(image)) {
		for (const [kind, pattern, port] of [['postgres', /postgres|postgis|timescale/, 5432], ['redis', /redis|valkey|keydb/, 6379]] as const) {
			if (pattern.test(imageName(image))) {
				return [{...base, kind, address: `${service}:${port}`, via: 'container', decisive: false, containerPort: port, hostPort: null}];
			}
		}
	}

	const published = distinctPorts(ports.filter(port => port.protocol === 'tcp' && port.hostPort !== null));
	const open = published.length > 0 ? published : distinctPorts(ports.filter(port => port.protocol === 'tcp' && isWeb(port.containerPort, outline, usual)));
	if (open.length === 0) {
		return knownPing(service, usual);
	}

	return open.map(port => {
		if (!isWeb(port.containerPort, outline, usual)) {
			return {...base, kind: 'tcp', ...place(port, service), decisive: false, containerPort: port.containerPort, hostPort: port.hostPort};
		}

		const path = healthPath(port.containerPort, outline, usual);
		const where = place(port, service);
		return {...base, kind: 'http', address: `http://${where.address}${path ?? '/'}`, via: where.via, decisive: path !== null, guessed: path === null, containerPort: port.containerPort, hostPort: port.hostPort};
	});
};

/** Nothing tells the ports (no container is there): then the default ping for this service, if there is one, is better than none. */
const knownPing = (service: string, usual: readonly PingTarget[]): readonly SuggestedPing[] => {
	const known = usual.find(ping => ping.service === service && ping.kind === 'http');
	return known === undefined ? [] : [{
		service, name: service, kind: 'http', address: known.address, via: known.via, decisive: known.decisive, guessed: false, containerPort: portOf(known.address), hostPort: null,
	}];
};

const isWeb = (containerPort: number, outline: ServiceOutline, usual: readonly PingTarget[]): boolean =>
	webPorts.has(containerPort) || healthPath(containerPort, outline, usual) !== null;

/** The path that answers for health: of the default ping for this service, else of the container's own health check. */
const healthPath = (containerPort: number, {service, healthCommand}: ServiceOutline, usual: readonly PingTarget[]): string | null => {
	const known = usual.find(ping => ping.kind === 'http' && ping.service === service);
	if (known !== undefined && URL.canParse(known.address) && portOf(known.address) === containerPort) {
		return new URL(known.address).pathname;
	}

	for (const [address] of healthCommand.matchAll(/http:\/\/[\w.:[\]-]+[\w./~%-]*/g)) {
		if (URL.canParse(address) && portOf(address) === containerPort) {
			return new URL(address).pathname;
		}
	}

	return null;
};

const portOf = (address: string): number => Number(new URL(address).port || (address.startsWith('https:') ? 443 : 80));

const place = ({hostAddress, hostPort, containerPort}: PublishedPort, service: string): {readonly address: string; readonly via: PingTarget['via']} => {
	if (hostPort === null) {
		return {address: `${service}:${containerPort}`, via: 'container'};
	}

	const host = hostAddress === null || hostAddress === '' || hostAddress === '0.0.0.0' || hostAddress === '::' ? 'localhost' : hostAddress;
	const written = host.includes(':') ? `[${host}]` : host;
	return hostPort >= firstEphemeralPort
		? {address: `${written}:${containerPort}`, via: 'published'}
		: {address: `${written}:${hostPort}`, via: 'address'};
};

/** IPv4 and IPv6 publish the same port twice; one ping is enough. */
const distinctPorts = (ports: readonly PublishedPort[]): readonly PublishedPort[] =>
	ports.filter((port, index) => ports.findIndex(other => other.containerPort === port.containerPort) === index);

const distinctNames = (pings: readonly SuggestedPing[]): readonly SuggestedPing[] => pings.map((ping, index) => {
	const isAlone = pings.filter(other => other.service === ping.service).length === 1;
	const name = (isAlone ? ping.service : `${ping.service}-${ping.containerPort}`).slice(0, 32);
	const isTaken = pings.slice(0, index).some(other => other.name.slice(0, 32) === name);
	return {...ping, name: isTaken ? `${name.slice(0, 28)}-${index + 1}` : name};
});
