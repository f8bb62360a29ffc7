/**
The real Prometheus and Alertmanager (Debian's packages) on loopback, with a configuration of the test's own: short intervals, one target that the test
brings down and up again. Everything ends with the test, and nothing of it stays on the disk.
*/
import {spawn, type ChildProcess} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {ExecutionContext} from 'ava';
import {closedPort, serveHttp} from './ping-servers.ts';
import {until} from './until.ts';

export type AlertServers = {
	readonly prometheusUrl: string;
	readonly alertmanagerUrl: string;
	/** Its metrics answer 503 from now on, or 200 again; the health page goes along when it is asked to. */
	readonly down: (isDown: boolean) => void;
	/** The target as the console may ping it. */
	readonly targetAddress: string;
	readonly stopPrometheus: () => Promise<void>;
	readonly json: (url: string) => Promise<unknown>;
};

type Service = {readonly child: ChildProcess; readonly stop: () => Promise<void>; readonly said: () => string};

const start = (t: ExecutionContext, program: string, parameters: readonly string[]): Service => {
	const child = spawn(program, parameters, {stdio: ['ignore', 'ignore', 'pipe'], env: {PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, HOME: tmpdir()}});
	let said = '';
	child.stderr.on('data', (chunk: Buffer) => {
		said = (said + chunk.toString()).slice(-4000);
	});
	const ended = new Promise<void>(resolve => {
		child.once('exit', () => {
			resolve();
		});
		child.once('error', () => {
			resolve();
		});
	});
	const stop = async (): Promise<void> => {
		if (child.exitCode === null && child.signalCode === null) {
			child.kill('SIGTERM');
			const timer = setTimeout(() => {
				child.kill('SIGKILL');
			}, 5000);
			await ended;
			clearTimeout(timer);
		}
	};

	t.teardown(stop);
	return {child, stop, said: () => said};
};

const json = async (url: string): Promise<unknown> => {
	const response = await fetch(url, {signal: AbortSignal.timeout(2000)});
	return response.json();
};

const ready = async (service: Service, url: string): Promise<void> => {
	await until(async () => (await fetch(url, {signal: AbortSignal.timeout(2000)})).ok, {everyMs: 100, deadlineMs: 40_000, describe: () => `${url} was not ready: ${service.said()}`});
};

/** `rule`: the alerting rule's name; null leaves it without one. `holdSeconds` is its `for`. */
export const startAlertServers = async (t: ExecutionContext, {rule = 'APIDown', holdSeconds = 2}: {readonly rule?: string | null; readonly holdSeconds?: number} = {}): Promise<AlertServers> => {
	const directory = mkdtempSync(path.join(tmpdir(), 'mdc-alerts-'));
	// Teardowns run last first: the directory goes after the programs that write into it.
	t.teardown(() => {
		rmSync(directory, {recursive: true, force: true});
	});
	let isDown = false;
	const target = await serveHttp(t, (_request, response) => {
		response.writeHead(isDown ? 503 : 200, {'content-type': 'text/plain; version=0.0.4'});
		response.end(isDown ? 'down' : 'api_up 1\n');
	});
	const [prometheusPort, alertmanagerPort] = [await closedPort(), await closedPort()];
	const file = (name: string, text: string): string => {
		writeFileSync(path.join(directory, name), text);
		return path.join(directory, name);
	};

	const alertmanager = start(t, 'prometheus-alertmanager', [
		`--config.file=${file('alertmanager.yml', 'route: {receiver: none, group_wait: 0s, group_interval: 1s}\nreceivers: [{name: none}]\n')}`,
		`--storage.path=${path.join(directory, 'alertmanager')}`, `--web.listen-address=127.0.0.1:${alertmanagerPort}`, '--cluster.listen-address=', '--log.level=error',
	]);
	const rules = rule === null ? 'groups: []\n' : `groups:
  - name: api
    interval: 500ms
    rules:
      - {alert: ${rule}, expr: 'up{job="api"} == 0', for: ${holdSeconds}s, labels: {severity: critical}}
`;
	const prometheus = start(t, 'prometheus', [
		`--config.file=${file('prometheus.yml', `global: {scrape_interval: 500ms, scrape_timeout: 400ms, evaluation_interval: 500ms}
rule_files: [${JSON.stringify(file('rules.yml', rules))}]
alerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:${alertmanagerPort}']}]}]}
scrape_configs: [{job_name: api, static_configs: [{targets: ['${target.address}']}]}, {job_name: other, static_configs: [{targets: ['127.0.0.1:1']}]}]
`)}`,
		`--storage.tsdb.path=${path.join(directory, 'prometheus')}`, `--web.listen-address=127.0.0.1:${prometheusPort}`, '--log.level=error',
	]);
	const prometheusUrl = `http://127.0.0.1:${prometheusPort}`;
	const alertmanagerUrl = `http://127.0.0.1:${alertmanagerPort}`;
	await Promise.all([ready(prometheus, `${prometheusUrl}/-/ready`), ready(alertmanager, `${alertmanagerUrl}/-/ready`)]);
	return {
		prometheusUrl, alertmanagerUrl, json,
		targetAddress: target.address,
		down(now) {
			isDown = now;
		},
		stopPrometheus: prometheus.stop,
	};
};
