/**
The text of a commented `mdc-console.yaml`. Hides the layout and the quoting. Invariants: it loads without a problem, and so does
it when the `#` before the default keys is removed (prose begins with `# ` and one space, a key behind `#` does not).
*/

import {formatDuration} from '../../config/units.ts';
import {defaultKeys} from '../../core/keys.ts';
import {defaultSettings} from '../../core/settings.ts';
import {makeSafe} from '../../core/text.ts';
import type {Language} from '../../messages/language.ts';
import {initMessages} from '../../messages/init.ts';
import type {SuggestedPing} from './suggest-pings.ts';

export type Draft = {
	readonly project: string | null;
	readonly directory: string | null;
	readonly services: readonly string[];
	readonly pings: readonly SuggestedPing[];
	readonly timeZone: string | null;
	/** Absolute path of the installed JSON Schema, for editors; null when there is none. */
	readonly schemaPath: string | null;
};

/** Plain where YAML reads it back as the same text, else in double quotes (JSON is valid there). */
const scalar = (value: string): string =>
	/^[A-Za-z/][\w./-]*(?::[\w./-]+)*$/.test(value) && !/^(?:true|false|null|nan|inf)$/i.test(value) ? value : JSON.stringify(value);

const percent = (share: number): string => `${Math.round(share * 1000) / 10}%`;

const off = (lines: readonly string[]): readonly string[] => lines.map(line => `#${line}`);

/** The whole file, ending in a line break. */
export const renderConfiguration = (language: Language, draft: Draft): string => {
	const say = initMessages[language];
	const {project, directory, services, schemaPath, timeZone} = draft;
	const parts: readonly (readonly string[])[] = [
		[
			...schemaPath === null || /\s/.test(schemaPath) ? [] : [`# yaml-language-server: $schema=${schemaPath}`],
			`# ${project === null ? say.headDefaults() : say.head(makeSafe(project))}`,
			`# ${say.rules()}`,
			`# ${say.secrets()}`,
		],
		[
			project === null ? '#project: my-project' : `project: ${scalar(project)}`,
			directory === null ? '#directory: /opt/my-project' : `directory: ${scalar(directory)}`,
			`# ${say.language()}`,
			'#language: auto',
			`#time-zone: ${scalar(timeZone ?? 'America/Sao_Paulo')}`,
			`# ${say.runbook()}`,
			'#runbook: docs/api-down.md',
		],
		[...services.length === 0 ? [] : [`# ${say.services(makeSafe(services.join(', ')))}`], ...pingLines(language, draft.pings), ...unpingedLines(language, draft)],
		...defaultParts(language, alertService(draft)),
	];
	return `${parts.map(part => part.join('\n')).join('\n\n')}\n`;
};

/** The service of the alert when the default one is not part of this project: the first whose ping is decisive. */
const alertService = ({services, pings}: Draft): string | null =>
	services.length === 0 || services.includes(defaultSettings.alert.service) ? null : pings.find(ping => ping.decisive)?.service ?? null;

const pingLines = (language: Language, pings: readonly SuggestedPing[]): readonly string[] => {
	const say = initMessages[language];
	if (pings.length > 0) {
		return [`# ${say.pings()}`, 'pings:', ...pings.flatMap(ping => [
			`  # ${ping.hostPort === null ? (ping.via === 'published' ? say.lookedUp : say.unpublished)(ping.containerPort) : say.published(ping.hostPort, ping.containerPort)}`,
			`  - name: ${scalar(ping.name)}`,
			`    ${ping.kind}: ${scalar(ping.address)}`,
			`    service: ${scalar(ping.service)}`,
			...ping.via === 'address' ? [] : [`    via: ${ping.via}`],
			...ping.guessed ? [`    # ${say.guessed()}`] : [],
			`    decisive: ${ping.decisive}`,
		])];
	}

	return [`# ${say.pings()}`, `# ${say.noPings()}`, ...off(['pings:', ...defaultSettings.pings.flatMap(ping => [
		`  - name: ${scalar(ping.name)}`,
		`    ${ping.kind}: ${scalar(ping.address)}`,
		`    service: ${scalar(ping.service ?? ping.name)}`,
		`    via: ${ping.via}`,
		`    decisive: ${ping.decisive}`,
	])])];
};

const unpingedLines = (language: Language, {services, pings}: Draft): readonly string[] => {
	const without = services.filter(service => !pings.some(ping => ping.service === service));
	return without.length === 0 || pings.length === 0 ? [] : [`  # ${makeSafe(initMessages[language].unpinged(without.join(', ')))}`];
};

/** Prose and not defaults: nothing is sent anywhere until a team says where. */
const channelExamples = [
	'channels: {pagerduty: {routing-key: {file: /etc/mdc-console/pagerduty.key}}, slack: {webhook: {env: SLACK_WEBHOOK}}}',
	'channels: {statuspage: {api-key: {file: /etc/mdc-console/statuspage.key}, page: abcdef}}',
	'unattended: [pagerduty]',
];

const defaultParts = (language: Language, service: string | null): readonly (readonly string[])[] => {
	const say = initMessages[language];
	const {thresholds, escalation, openAfterMs, watchMs, verifyDeadlineMs, verifySlowMs, alert} = defaultSettings;
	const limit = (what: 'cpu' | 'memory' | 'disk'): string => `  ${what}: {warn: ${percent(thresholds[what].warn)}, critical: ${percent(thresholds[what].critical)}}`;
	const remapped = defaultKeys.find(({group}) => group === 'action')!;
	const alertLines = [`  name: ${scalar(alert.name)}`, `  severity: ${scalar(alert.severity)}`, `  team: ${scalar(alert.team)}`];
	return [
		[`# ${say.special()}`, '# {migrate: {expected: once}, adminer: {expected: optional, logs: on-request}}', ...off(['services: {}'])],
		[`# ${say.thresholds()}`, ...off(['thresholds:', limit('cpu'), limit('memory'), limit('disk'), `  ping-slow: ${formatDuration(thresholds.pingSlowMs)}`])],
		[`# ${say.escalation()}`, ...off([
			'escalation:',
			`  after: ${formatDuration(escalation.afterMs)}`,
			`  warn: ${formatDuration(escalation.warnMs)}`,
			`  update-every: ${formatDuration(escalation.updateEveryMs)}`,
			'  contacts:',
			...escalation.contacts.map(({role, name, reach}) => `    - {role: ${JSON.stringify(role)}, name: ${JSON.stringify(name)}, reach: ${JSON.stringify(reach)}}`),
			'  steps:',
			...escalation.steps.map(step => `    - ${JSON.stringify(step)}`),
		]), `# ${say.channels()}`, ...channelExamples.map(line => `# ${line}`)],
		[`# ${say.incident()}`, ...off(['incident:', `  open-after: ${formatDuration(openAfterMs)}`, `  watch: ${formatDuration(watchMs)}`])],
		[`# ${say.verify()}`, ...off(['verify:', `  deadline: ${formatDuration(verifyDeadlineMs)}`, `  slow: ${formatDuration(verifySlowMs)}`])],
		[`# ${say.alert()}`, ...service === null
			? off(['alert:', ...alertLines, `  service: ${scalar(alert.service)}`])
			: ['alert:', ...off(alertLines), `  service: ${scalar(service)}`]],
		[`# ${say.alerts()}`, '# {prometheus: {url: "http://localhost:9090", token: {env: PROMETHEUS_TOKEN}}, alertmanager: {url: "http://localhost:9093", silence: ask}}', ...off(['alerts: {}'])],
		[`# ${say.keys()}`, ...off(['keys:', `  ${remapped.command}: ${remapped.keys[0]!}`])],
	];
};
