/** Prometheus' HTTP API: the query as it stands, the alerting rule with the true start of its alerts, the targets with the last error of each. */

import * as z from 'zod';
import {fitsSelector, selectorOf} from '../../core/alerts.ts';
import type {PrometheusReading, RuleAlert, RuleReading, TargetReading, UpSeries} from '../../core/alert-sources.ts';
import type {Clock, Failure, Outcome} from '../../core/ports.ts';
import {clip, emptyText, makeSafe, type SafeText} from '../../core/text.ts';
import {below, type JsonClient, type Login} from './http.ts';

const labels = z.record(z.string(), z.string());

const envelope = <Data extends z.ZodType>(data: Data) => z.object({status: z.literal('success'), data});

const querySchema = envelope(z.discriminatedUnion('resultType', [
	z.object({resultType: z.literal('vector'), result: z.array(z.object({metric: labels, value: z.tuple([z.number(), z.string()])}))}),
	z.object({resultType: z.literal('scalar'), result: z.tuple([z.number(), z.string()])}),
]));

const rulesSchema = envelope(z.object({
	groups: z.array(z.object({
		rules: z.array(z.looseObject({
			type: z.string().optional(),
			name: z.string(),
			duration: z.number().optional(),
			lastError: z.string().optional(),
			alerts: z.array(z.object({labels, state: z.string(), activeAt: z.string().optional(), keepFiringSince: z.string().optional()})).optional(),
		})),
	})),
}));

const targetsSchema = envelope(z.object({
	activeTargets: z.array(z.object({labels, health: z.string(), lastError: z.string()})),
}));

const listedAtMost = 200;
const errorCharacters = 300;

const named = (text: string): SafeText => clip(makeSafe(text), 100);

/** Zod's own words name the field and what was wanted. */
const malformed = (error: z.ZodError, host: string): Outcome<never> => {
	const [issue] = error.issues;
	return {ok: false, failure: {code: 'malformed', detail: clip(makeSafe(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`), 200), params: {host}}};
};

/** Asks all three at once; fails only when none was answered. */
export const readPrometheus = async (client: JsonClient, base: string, login: Login | null, {query: wanted, rule}: {readonly query: string; readonly rule: string}, clock: Clock): Promise<Outcome<PrometheusReading>> => {
	const selector = selectorOf(wanted);
	let skewMs = 0;
	const ask = async <Data extends z.ZodType>(path: string, query: ReadonlyArray<readonly [string, string]>, schema: Data): Promise<Outcome<z.output<Data>>> => {
		const url = below(base, `api/v1/${path}`, query);
		const answer = await client({url, login});
		if (!answer.ok) {
			return answer;
		}

		skewMs = answer.value.skewMs === 0 ? skewMs : answer.value.skewMs;
		const parsed = schema.safeParse(answer.value.value);
		return parsed.success ? {ok: true, value: parsed.data} : malformed(parsed.error, url.host);
	};

	const [series, rules, targets] = await Promise.all([
		ask('query', [['query', wanted]], querySchema),
		// A newer Prometheus answers with this rule alone, an older one passes over the parameter.
		ask('rules', [['type', 'alert'], ['rule_name[]', rule]], rulesSchema),
		ask('targets', [['state', 'active']], targetsSchema),
	]);
	if (!series.ok && !rules.ok && !targets.ok) {
		return {ok: false, failure: worstOf([series.failure, rules.failure])};
	}

	return {ok: true, value: {
		atMs: clock.nowMs(),
		skewMs,
		series: series.ok ? {ok: true, value: seriesOf(series.value.data)} : series,
		rule: rules.ok ? {ok: true, value: ruleOf(rules.value.data.groups.flatMap(group => group.rules), rule, selector, skewMs)} : rules,
		targets: targets.ok ? {ok: true, value: targetsOf(targets.value.data.activeTargets, selector)} : targets,
	}};
};

/** That it does not answer at all tells more than that one of its pages does not. */
const worstOf = ([first, ...rest]: readonly [Failure, ...Failure[]]): Failure => [first, ...rest].find(({code}) => code === 'refused' || code === 'unreachable' || code === 'timed-out') ?? first;

type QueryData = z.output<typeof querySchema>['data'];

const seriesOf = (data: QueryData): readonly UpSeries[] => {
	const values = data.resultType === 'vector' ? data.result.map(({metric, value}) => ({instance: metric['instance'] ?? '', value: Number(value[1])})) : [{instance: '', value: Number(data.result[1])}];
	// NaN is no answer to "is it up".
	return values.filter(({value}) => Number.isFinite(value)).slice(0, listedAtMost).map(({instance, value}) => ({instance: named(instance), up: value !== 0}));
};

type Rule = z.output<typeof rulesSchema>['data']['groups'][number]['rules'][number];

const ruleOf = (rules: readonly Rule[], name: string, selector: Readonly<Record<string, string>>, skewMs: number): RuleReading | null => {
	const own = rules.filter(rule => rule.name === name && (rule.type === undefined || rule.type === 'alerting'));
	if (own.length === 0) {
		return null;
	}

	return {
		forMs: Math.max(...own.map(({duration}) => (duration ?? 0) * 1000)),
		lastError: clip(makeSafe(own.find(({lastError}) => (lastError ?? '') !== '')?.lastError ?? ''), errorCharacters),
		// A rule for every job has alerts that are none of ours.
		alerts: own.flatMap(({alerts}) => alerts ?? []).filter(alert => fitsSelector(alert.labels, selector)).slice(0, listedAtMost).flatMap(alert => alertOf(alert, skewMs)),
	};
};

const alertOf = ({state, activeAt, keepFiringSince}: {readonly state: string; readonly activeAt?: string | undefined; readonly keepFiringSince?: string | undefined}, skewMs: number): readonly RuleAlert[] => {
	// In whatever time zone Prometheus runs: the offset is in the text. By whatever clock: that is in the answer's date.
	const activeAtMs = Date.parse(activeAt ?? '') - skewMs;
	const keepMs = Date.parse(keepFiringSince ?? '') - skewMs;
	return (state === 'pending' || state === 'firing') && Number.isFinite(activeAtMs) ? [{state, activeAtMs, keepFiringSinceMs: Number.isFinite(keepMs) && keepMs > 0 ? keepMs : null}] : [];
};

type Target = z.output<typeof targetsSchema>['data']['activeTargets'][number];

const targetsOf = (targets: readonly Target[], selector: Readonly<Record<string, string>>): readonly TargetReading[] => targets
	// Without a selector nobody can say which of them are meant.
	.filter(target => Object.keys(selector).length > 0 && Object.keys(selector).some(name => Object.hasOwn(target.labels, name)) && fitsSelector(target.labels, selector))
	.slice(0, listedAtMost)
	.map(({labels: {instance}, health, lastError}) => ({instance: named(instance ?? ''), health: health === 'up' || health === 'down' ? health : 'unknown', lastError: lastError === '' ? emptyText : clip(makeSafe(lastError), errorCharacters)}));
