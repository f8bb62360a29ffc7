/**
How the stack answers when somebody asks after its health, whoever asks: Docker's own checks, our pings and commands inside a container.
One place, so that they can never disagree about the same moment.
*/

import {healthChecks, healthStatus} from './log-store.ts';
import {type ServiceName, apiVersion} from './stack.ts';
import type {Conditions} from './timeline.ts';

export type HttpAnswer =
	| {readonly kind: 'answer'; readonly status: number; readonly body: string}
	| {readonly kind: 'hang' | 'refused' | 'reset'};

const phrases: Readonly<Record<number, string>> = {200: 'OK', 404: 'NOT FOUND', 500: 'INTERNAL SERVER ERROR', 502: 'Bad Gateway', 503: 'SERVICE UNAVAILABLE', 504: 'Gateway Time-out'};
/** The phrase behind a status code, as the program that sends it writes it. */
export const phraseOf = (status: number): string => phrases[status] ?? '';
const nginxPage = (status: number): string => `<html>\r\n<head><title>${status} ${phraseOf(status)}</title></head>\r\n<body>\r\n<center><h1>${status} ${phraseOf(status)}</h1></center>\r\n<hr><center>nginx/1.25.5</center>\r\n</body>\r\n</html>\r\n`;

/** What `GET /api/health` gets from the api itself. */
export const askApi = (conditions: Conditions, wallMs: number): HttpAnswer => {
	const status = healthStatus(conditions);
	if (status === 500) {
		return {kind: 'answer', status, body: '<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n'};
	}

	if (status !== null) {
		const body = {
			status: status === 200 ? 'healthy' : 'unhealthy',
			service: 'mestres-do-cafe-api',
			version: apiVersion,
			timestamp: new Date(wallMs).toISOString().replace(/\.\d+Z$/, '+00:00'),
			...healthChecks(conditions),
		};
		return {kind: 'answer', status, body: `${JSON.stringify(body)}\n`};
	}

	const app = conditions.apps.api;
	return {kind: app === 'hanging' || app === 'paused' ? 'hang' : app === 'starting' ? 'reset' : 'refused'};
};

/** What the same request gets through nginx. `reachedApi` tells whether the api will have logged it. */
export const askNginx = (conditions: Conditions, wallMs: number): {readonly answer: HttpAnswer; readonly reachedApi: boolean} => {
	const app = conditions.apps.nginx;
	if (app !== 'ready') {
		return {answer: {kind: app === 'paused' ? 'hang' : app === 'starting' ? 'reset' : 'refused'}, reachedApi: false};
	}

	const api = conditions.nginxUpstream !== 'right' ? {kind: 'refused' as const} : askApi(conditions, wallMs);
	return api.kind === 'refused' || api.kind === 'reset'
		? {answer: {kind: 'answer', status: 502, body: nginxPage(502)}, reachedApi: false}
		: {answer: api, reachedApi: api.kind === 'answer'};
};

/** The health check of the compose file, with the words that curl, pg_isready and redis-cli have for it. */
export const checkHealth = (service: ServiceName, conditions: Conditions, wallMs: number): {readonly ok: boolean; readonly output: string} => {
	const app = conditions.apps[service];
	if (service === 'db') {
		return {ok: app === 'ready', output: ''};
	}

	if (service === 'redis') {
		return app === 'ready' ? {ok: true, output: 'PONG\n'} : {ok: false, output: 'Could not connect to Redis at 127.0.0.1:6379: Connection refused\n'};
	}

	if (service === 'nginx') {
		return app === 'ready' ? {ok: true, output: 'ok\n'} : {ok: false, output: curlFailure({kind: 'refused'}, 80)};
	}

	if (conditions.isCheckBroken) {
		return {ok: false, output: 'OCI runtime exec failed: exec failed: unable to start container process: exec: "curl": executable file not found in $PATH: unknown\n'};
	}

	const answer: HttpAnswer = conditions.apiDelayMs > 4000 ? {kind: 'hang'} : askApi(conditions, wallMs);
	return answer.kind === 'answer' && answer.status === 200 ? {ok: true, output: answer.body} : {ok: false, output: curlFailure(answer, 5001)};
};

/** What `curl -fsS -m 4` says of an answer that it does not like. */
export const curlFailure = (answer: HttpAnswer, port: number): string => {
	switch (answer.kind) {
		case 'answer': {
			return `curl: (22) The requested URL returned error: ${answer.status}\n`;
		}

		case 'hang': {
			return 'curl: (28) Operation timed out after 4001 milliseconds with 0 bytes received\n';
		}

		case 'reset': {
			return 'curl: (56) Recv failure: Connection reset by peer\n';
		}

		case 'refused': {
			return `curl: (7) Failed to connect to localhost port ${port} after 0 ms: Couldn't connect to server\n`;
		}
	}
};
