/**
What the pretend server is made of: the runbook's stack, as its compose file would say it. Constants only; what happens to
them is in `world.ts`.
*/

import {hexDigits} from './random.ts';

export type ServiceName = 'api' | 'db' | 'redis' | 'nginx';

export type ServicePlan = {
	readonly service: ServiceName;
	readonly image: string;
	readonly imageId: string;
	readonly configHash: string;
	/** As `docker-compose ps` shows it. */
	readonly command: string;
	readonly dependsOn: readonly ServiceName[];
	readonly containerPort: number;
	readonly hostPort: number | null;
	readonly address: string;
	readonly healthCommand: string;
	readonly healthRetries: number;
	readonly memoryLimitBytes: number;
	readonly cpuLimitCores: number | null;
	/** Share of a core when it works as usual, and bytes that it then holds. */
	readonly usualCores: number;
	readonly usualBytes: number;
	readonly processes: readonly string[];
};

const mebibyte = 1024 * 1024;

const plan = (service: ServiceName, facts: Omit<ServicePlan, 'service' | 'imageId' | 'configHash'>): ServicePlan => ({
	service,
	imageId: `sha256:${hexDigits(64, 'image', facts.image)}`,
	configHash: hexDigits(64, 'configuration', service),
	...facts,
});

export const project = 'mestres-do-cafe';
export const directory = '/opt/mestres-do-cafe';
export const configFile = `${directory}/docker-compose.yml`;
export const composeVersion = '1.29.2';
export const networkName = `${project}_default`;
export const gatewayAddress = '172.18.0.1';
export const hostName = 'production-server';
export const healthIntervalMs = 30_000;
export const healthStartPeriodMs = 20_000;
export const apiVersion = '1.4.1';

/** In the order in which Compose starts them. */
export const plans: readonly ServicePlan[] = [
	plan('db', {
		image: 'postgres:15-alpine',
		command: 'docker-entrypoint.sh postg ...',
		dependsOn: [],
		containerPort: 5432,
		hostPort: null,
		address: '172.18.0.2',
		healthCommand: 'pg_isready -q -U mestres_user -d mestres_cafe',
		healthRetries: 5,
		memoryLimitBytes: 256 * mebibyte,
		cpuLimitCores: null,
		usualCores: 0.014,
		usualBytes: 71 * mebibyte,
		processes: ['postgres', 'postgres', 'postgres', 'postgres'],
	}),
	plan('redis', {
		image: 'redis:7-alpine',
		command: 'docker-entrypoint.sh redis ...',
		dependsOn: [],
		containerPort: 6379,
		hostPort: null,
		address: '172.18.0.3',
		healthCommand: 'redis-cli ping',
		healthRetries: 5,
		memoryLimitBytes: 64 * mebibyte,
		cpuLimitCores: null,
		usualCores: 0.004,
		usualBytes: 8.4 * mebibyte,
		processes: ['redis-server'],
	}),
	plan('api', {
		image: 'mestres-do-cafe_api',
		command: 'gunicorn --config gunicorn ...',
		dependsOn: ['db', 'redis'],
		containerPort: 5001,
		hostPort: 5001,
		address: '172.18.0.4',
		healthCommand: 'curl -fsS -m 4 http://localhost:5001/api/health',
		healthRetries: 3,
		memoryLimitBytes: 256 * mebibyte,
		cpuLimitCores: 0.5,
		usualCores: 0.038,
		usualBytes: 118 * mebibyte,
		processes: ['gunicorn', 'gunicorn', 'gunicorn'],
	}),
	plan('nginx', {
		image: 'nginx:1.25-alpine',
		command: '/docker-entrypoint.sh ngin ...',
		dependsOn: ['api'],
		containerPort: 80,
		hostPort: 8080,
		address: '172.18.0.5',
		healthCommand: 'curl -fsS -m 4 http://localhost/nginx-health',
		healthRetries: 3,
		memoryLimitBytes: 64 * mebibyte,
		cpuLimitCores: null,
		usualCores: 0.003,
		usualBytes: 6.2 * mebibyte,
		processes: ['nginx', 'nginx'],
	}),
];

export const planOf = (service: ServiceName): ServicePlan => plans.find(candidate => candidate.service === service)!;

export const isServiceName = (name: string): name is ServiceName => plans.some(candidate => candidate.service === name);

export const containerName = (service: ServiceName): string => `${project}_${service}_1`;

/** The service and all that it depends on, in the order in which Compose starts them. */
export const withDependencies = (services: readonly ServiceName[]): readonly ServiceName[] => {
	const wanted = new Set<ServiceName>();
	const add = (service: ServiceName): void => {
		wanted.add(service);
		for (const dependency of planOf(service).dependsOn) {
			add(dependency);
		}
	};

	for (const service of services) {
		add(service);
	}

	return plans.map(candidate => candidate.service).filter(service => wanted.has(service));
};
