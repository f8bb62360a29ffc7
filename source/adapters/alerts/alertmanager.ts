/** Alertmanager's API v2: which of our alerts fire, and the silence of an incident. It hides how one silence per incident is kept although the API has no key for it. */

import * as z from 'zod';
import type {AlertmanagerReading, AlertmanagerSettings, Matcher, Silence, SilenceRequest} from '../../core/alert-sources.ts';
import {matcherText} from '../../core/alerts.ts';
import type {Clock, Outcome} from '../../core/ports.ts';
import {clip, makeSafe} from '../../core/text.ts';
import {below, type JsonClient, type JsonRequest, type Login} from './http.ts';

const instant = z.string().transform((text, context) => {
	const atMs = Date.parse(text);
	if (Number.isNaN(atMs)) {
		context.addIssue('not an instant');
		return z.NEVER;
	}

	return atMs;
});

const alertsSchema = z.array(z.object({
	startsAt: instant,
	status: z.object({state: z.string(), silencedBy: z.array(z.string()).nullish(), inhibitedBy: z.array(z.string()).nullish()}),
}));

const silencesSchema = z.array(z.object({id: z.string(), comment: z.string(), startsAt: instant, endsAt: instant, status: z.object({state: z.string()})}));

const madeSchema = z.object({silenceID: z.string().min(1)});

const listedAtMost = 200;

type Ask = <Data extends z.ZodType>(request: Pick<JsonRequest, 'url' | 'method' | 'body'>, schema: Data) => Promise<Outcome<{readonly data: z.output<Data>; readonly skewMs: number}>>;

const askBy = (client: JsonClient, login: Login | null): Ask => async (request, schema) => {
	const answer = await client({...request, login});
	if (!answer.ok) {
		return answer;
	}

	const parsed = schema.safeParse(answer.value.value);
	if (parsed.success) {
		return {ok: true, value: {data: parsed.data, skewMs: answer.value.skewMs}};
	}

	const [issue] = parsed.error.issues;
	return {ok: false, failure: {code: 'malformed', detail: clip(makeSafe(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`), 200), params: {host: request.url.host}}};
};

const filters = (matchers: readonly Matcher[]): ReadonlyArray<readonly [string, string]> => matchers.map(matcher => ['filter', matcherText(matcher)]);

export const readAlertmanager = async (client: JsonClient, {url}: AlertmanagerSettings, login: Login | null, matchers: readonly Matcher[], clock: Clock): Promise<Outcome<AlertmanagerReading>> => {
	const answer = await askBy(client, login)({url: below(url, 'api/v2/alerts', filters(matchers))}, alertsSchema);
	return answer.ok ? {ok: true, value: {
		atMs: clock.nowMs(),
		skewMs: answer.value.skewMs,
		alerts: answer.value.data.slice(0, listedAtMost).map(({startsAt, status: {state, silencedBy, inhibitedBy}}) => ({
			startsAtMs: startsAt - answer.value.skewMs, isSuppressed: state === 'suppressed', silencedBy: (silencedBy ?? []).map(id => makeSafe(id)), inhibitedBy: (inhibitedBy ?? []).map(id => makeSafe(id)),
		})),
	}} : answer;
};

/** In the comment the incident is found again, also after an answer that never came. */
const commentOf = ({incident, createdBy}: SilenceRequest): string => `${incident} · ${createdBy} · mdc-console`;

export const putSilence = async (client: JsonClient, {url}: AlertmanagerSettings, login: Login | null, request: SilenceRequest, clock: Clock): Promise<Outcome<Silence>> => {
	const ask = askBy(client, login);
	const known = await ask({url: below(url, 'api/v2/silences', filters(request.matchers))}, silencesSchema);
	if (!known.ok) {
		return known;
	}

	const own = known.value.data.find(({id, comment, status}) => status.state !== 'expired' && (id === request.id || comment.startsWith(`${request.incident} `)));
	const body = {
		// With another beginning Alertmanager would end the old one and make a new one.
		...(own === undefined ? {} : {id: own.id}),
		// By its clock: with another one than ours a silence would begin late or end early.
		startsAt: new Date(own?.startsAt ?? clock.nowMs() + known.value.skewMs).toISOString(),
		endsAt: new Date(request.endsAtMs + known.value.skewMs).toISOString(),
		matchers: request.matchers, createdBy: request.createdBy, comment: commentOf(request),
	};
	const made = await ask({url: below(url, 'api/v2/silences'), method: 'POST', body}, madeSchema);
	return made.ok ? {ok: true, value: {id: makeSafe(made.value.data.silenceID), endsAtMs: request.endsAtMs}} : made;
};

export const endSilence = async (client: JsonClient, {url}: AlertmanagerSettings, login: Login | null, id: string): Promise<Outcome<null>> => {
	const answer = await client({url: below(url, `api/v2/silence/${encodeURIComponent(id)}`), method: 'DELETE', login});
	if (answer.ok) {
		return {ok: true, value: null};
	}

	// Not there, or over already, by its end or by somebody's hand: it silences nothing, which is what was wanted.
	const isGone = answer.failure.code === 'not-found' || /already expired|silence expired|not found/i.test(answer.failure.detail);
	return isGone ? {ok: true, value: null} : answer;
};
