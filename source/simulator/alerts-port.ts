/**
Prometheus and Alertmanager of the pretend server. Nothing runs in them: what was scraped when follows from the timeline, so that an alert has its
true start however late somebody asks; only silences are kept.
*/

import type {AlertsPort, AlertSettings} from '../core/alert-sources.ts';
import type {SafeText} from '../core/text.ts';
import {makeSafe} from '../core/text.ts';
import {askApi} from './health-checks.ts';
import {planOf} from './stack.ts';
import type {World} from './world.ts';

/** As a drill is configured: addresses that nobody is asked at. */
export const simulatedAlerts: AlertSettings = {
	prometheus: {url: 'http://prometheus:9090', query: 'up{job="api"}', rule: null, login: null},
	alertmanager: {url: 'http://alertmanager:9093', matchers: [], silence: 'ask', silenceMs: 1_800_000, login: null},
};

const scrapeMs = 15_000;
const forMs = 60_000;
const lookBackMs = 6 * 3_600_000;

type KeptSilence = {readonly id: SafeText; readonly incident: string; untilMs: number};

export const createAlertsPort = (world: World): AlertsPort => {
	const silences: KeptSilence[] = [];
	const {timeline} = world;
	/** What the scrape at a moment of the world got; empty: the api answered well. */
	const errorAt = (at: number): string => {
		const answer = askApi(timeline.conditionsAt(at), timeline.toWall(at));
		const address = `${planOf('api').address}:5001`;
		switch (answer.kind) {
			case 'answer': {
				return answer.status === 200 ? '' : `server returned HTTP status ${answer.status}`;
			}

			case 'hang': {
				return `Get "http://${address}/metrics": context deadline exceeded`;
			}

			case 'reset': {
				return `Get "http://${address}/metrics": read tcp: connection reset by peer`;
			}

			case 'refused': {
				return `Get "http://${address}/metrics": dial tcp ${address}: connect: connection refused`;
			}
		}
	};

	/** The last scrape, what it got, and when the run of bad ones that it ends began. */
	const scraped = (): {readonly error: string; readonly activeAtMs: number | null; readonly nowMs: number} => {
		const now = timeline.now();
		const last = now - (now % scrapeMs);
		const error = errorAt(last);
		let first = last;
		while (error !== '' && last - first < lookBackMs && errorAt(first - scrapeMs) !== '') {
			first -= scrapeMs;
		}

		return {error, activeAtMs: error === '' ? null : timeline.toWall(first), nowMs: timeline.toWall(now)};
	};

	return {
		async prometheus() {
			await world.sleep(20);
			const {error, activeAtMs, nowMs} = scraped();
			const instance = makeSafe('api:5001');
			return {ok: true, value: {
				atMs: world.clock.nowMs(),
				skewMs: 0,
				series: {ok: true, value: [{instance, up: error === ''}]},
				rule: {ok: true, value: {forMs, lastError: makeSafe(''), alerts: activeAtMs === null ? [] : [{state: nowMs - activeAtMs >= forMs ? 'firing' : 'pending', activeAtMs, keepFiringSinceMs: null}]}},
				targets: {ok: true, value: [{instance, health: error === '' ? 'up' : 'down', lastError: makeSafe(error)}]},
			}};
		},
		async alertmanager() {
			await world.sleep(20);
			const {activeAtMs, nowMs} = scraped();
			const lasting = silences.filter(({untilMs}) => untilMs > nowMs).map(({id}) => id);
			const hasFired = activeAtMs !== null && nowMs - activeAtMs >= forMs;
			return {ok: true, value: {atMs: world.clock.nowMs(), skewMs: 0, alerts: hasFired ? [{startsAtMs: activeAtMs + forMs, isSuppressed: lasting.length > 0, silencedBy: lasting, inhibitedBy: []}] : []}};
		},
		async silence({incident, endsAtMs, id}) {
			await world.sleep(20);
			const nowMs = world.clock.nowMs();
			const own = silences.find(silence => silence.untilMs > nowMs && (silence.id === id || silence.incident === incident));
			if (own === undefined) {
				silences.push({id: makeSafe(`silence-${silences.length + 1}`), incident, untilMs: endsAtMs});
			} else {
				own.untilMs = endsAtMs;
			}

			return {ok: true, value: {id: own?.id ?? silences.at(-1)!.id, endsAtMs}};
		},
		async lift(id) {
			await world.sleep(20);
			for (const silence of silences.filter(other => other.id === id)) {
				silence.untilMs = Math.min(silence.untilMs, world.clock.nowMs());
			}

			return {ok: true, value: null};
		},
	};
};
