/**
The first row: how things stand, and the clocks at its end. Seconds tick only while something is wrong; a healthy screen shows hours and
minutes, so that it sends nothing.
*/

import {downMs} from '../../core/incident.ts';
import {escalationNow, isDismissed, standing} from '../../core/screen.ts';
import {othersHere} from '../../core/responders.ts';
import {dutiesToRemind} from '../../core/update-duties.ts';
import {dutyWords} from '../../messages/duties.ts';
import {responderWords} from '../../messages/responders.ts';
import type {State} from '../../core/state.ts';
import {escalationWords as escalationWordsOf} from '../../messages/escalation.ts';
import {alertNowOf, resolveDoubt, suspicionOf, watchLeftMs} from '../../core/update-alerts.ts';
import {alertWords} from '../../messages/alerts.ts';
import {clip, makeSafe} from '../../core/text.ts';
import {drillWords} from '../../messages/drill.ts';
import {keyName} from '../../messages/keys.ts';
import {edges, firstFitting, lineWidth, space, span, type Line} from '../lines.ts';
import {bar} from '../meters.ts';
import type {Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';

/** Between what is said and the clocks. */
const leastGap = 3;

/** Draws the row: exactly `width` columns. */
export const drawHeader = (state: State, width: number, pen: Pen): Line => {
	const tagged = tags(state, pen);
	const situation = situationWords(state, pen);
	const title = drillTitle(state, pen);
	// A drill's title stands where all of it fits beside what is to be said (the host may go); half a title says nothing.
	const lefts = [...(title.length === 0 ? [] : situation.slice(0, 2).map((line): Line => [...tagged, ...title, ...line])), ...situation.map((line): Line => [...tagged, ...line])];
	// The clocks with all that belongs to them, or fewer, so that the name of the trouble is never pushed out.
	const rights = clocks(state, width, pen);
	const least = Math.min(...lefts.map(line => lineWidth(line)));
	const right = rights.find(line => lineWidth(line) + Math.min(least, Math.floor(width / 2)) + 1 + leastGap <= width) ?? rights.at(-1) ?? [];
	return edges(firstFitting(lefts, width - lineWidth(right) - 1 - leastGap), [...right, space(1)], width);
};

const tag = (text: string, tone: Tone): Line => [span(` ${text} `, tone), space(1)];

const tags = (state: State, pen: Pen): Line => [
	...(state.drill ? drillTag(state, pen) : []),
	...(state.readOnly ? tag(pen.say.readOnly, 'tag') : []),
];

const drillTitle = ({drillRun}: State, pen: Pen): Line => drillRun === null ? [] : [span(clip(makeSafe(drillRun.scenario.title[pen.language]), titleColumns)), space(2)];

const titleColumns = 40;

/** That it is a drill, how fast its time goes, and the keys that it presses by itself. */
const drillTag = (state: State, pen: Pen): Line => {
	const {drillRun} = state;
	if (drillRun === null) {
		return tag(pen.say.drill, 'tag');
	}

	const {speed, observed, shown} = drillRun;
	const words = drillWords[pen.language];
	return [
		...tag(pen.say.drill, 'tag'),
		...(speed === 1 ? [] : [span(`×${speed} `, 'warnStrong')]),
		...(observed ? [span(`${words.observed} `, 'warn'), ...(shown.length === 0 ? [] : [span(`${clip(makeSafe(shown.map(key => keyName(pen.language, key)).join(' ')), 24)} `, 'key')])] : []),
	];
};

const joined = (parts: readonly Line[]): Line => parts.filter(part => part.length > 0).flatMap((part, index) => index === 0 ? part : [span(' · ', 'dim'), ...part]);

/** Ways to say how things stand, fullest first: where columns are few the host goes, then who acknowledged, then the service. */
const fewer = (head: Line, parts: readonly Line[]): readonly Line[] => parts.map((_part, index): Line => [...head, ...joined(parts.slice(0, parts.length - index))]);

/** What the alert sources say where that is not what the rest of the row says already. */
const alertPart = (state: State, pen: Pen): Line => {
	const {name} = state.settings.alert;
	const words = alertWords[pen.language];
	const now = alertNowOf(state);
	switch (now.state) {
		case 'firing': {
			return now.silenced ? [span(words.headerSilenced(name), 'warn')] : [span(words.headerFiring(name), 'bad')];
		}

		case 'pending': {
			return [span(words.headerPending(name), 'warn')];
		}

		case 'unknown': {
			return now.views.every(({trouble}) => trouble === 'not-asked') ? [] : [span(words.headerUnknown, 'warn')];
		}

		case 'clear':
		case 'none':
		case null: {
			return [];
		}
	}
};

const situationWords = (state: State, pen: Pen): readonly Line[] => {
	const {say} = pen;
	const {incident, situation, settings} = state;
	const host = situation.host.identity.value?.hostName ?? situation.engine.facts?.hostName;
	const hostPart: Line = host === undefined ? [] : [span(host, 'dim')];
	const project: Line = [span(situation.project.facts?.name ?? say.noProject, situation.project.facts === null ? 'dim' : 'plain')];
	const others = othersHere(state).map(({name}) => name);
	const together: Line = others.length === 0 ? [] : [span(responderWords[pen.language].together(others), 'accent')];
	const left = dutiesToRemind(state);
	const duties: Line = left === 0 ? [] : [span(dutyWords[pen.language].reminder(left, state.lastEnded?.id ?? ''), 'dim')];
	switch (standing(state)) {
		case 'outage': {
			const lead = incident?.lead ?? null;
			const acknowledged: Line = lead !== null ? [span(responderWords[pen.language].leads(lead))] : (incident?.acknowledgedBy == null ? [span(say.notAcknowledged, 'warn')] : [span(say.acknowledgedBy(incident.acknowledgedBy))]);
			return fewer(tag(incident!.severity === '' ? pen.sayIncident.stateOpen : incident!.severity, 'alarm'), [[span(incident!.alert, 'badStrong')], [span(settings.alert.service)], acknowledged, ...(alertNowOf(state).state === 'unknown' ? [alertPart(state, pen)] : []), together, hostPart]);
		}

		case 'watching': {
			return fewer(tag(say.mitigated, 'caution'), [[span(incident!.alert, 'strong')], [span(settings.alert.service)], alertPart(state, pen), together, hostPart]);
		}

		case 'suspected': {
			return fewer(tag(say.suspected, 'caution'), [[span(settings.alert.name, 'warnStrong')], [span(settings.alert.service)], alertPart(state, pen), hostPart]);
		}

		case 'healthy': {
			const count = state.findings.length;
			const tone: Tone = count === 0 ? 'good' : 'warn';
			return fewer([span(count === 0 ? ' ● ' : ' ▲ ', tone)], [[span(count === 0 ? say.healthy : say.healthyBut(count), tone)], alertPart(state, pen), project, duties, together, hostPart]);
		}

		case 'unknown': {
			return fewer([span(' ◐ ', 'dim')], [[span(say.unknownHealth, 'dim')], alertPart(state, pen), project, hostPart]);
		}
	}
};

/** What stands at the row's end, longest first. */
const clocks = (state: State, width: number, pen: Pen): readonly Line[] => {
	const {say, format} = pen;
	const {incident} = state;
	switch (standing(state)) {
		case 'outage': {
			const down = [span(say.down(format.stopwatch(downMs(incident!, state.nowMs)), incident!.outage.atLeast), 'badStrong')];
			const proof = [span(`${say.sinceProof(format.moment(incident!.outage.sinceMs, state.nowMs))}  `, 'dim')];
			const escalation = escalationWords(state, pen, width >= 120 ? 16 : 8);
			const bare = escalationWords(state, pen, 0);
			return [...(width >= 140 ? [[...proof, ...escalation, space(3), ...down]] : []), [...escalation, space(3), ...down], [...bare, space(2), ...down], down];
		}

		case 'watching': {
			const was = [span(say.wasDown(format.stopwatch(downMs(incident!, state.nowMs)), incident!.outage.atLeast))];
			const green = [span(say.watching(format.stopwatch(state.nowMs - (incident!.mitigatedAtMs ?? state.nowMs))), 'good')];
			const leftMs = watchLeftMs(state, incident!);
			const offered = resolveDoubt(state) === null ? [span(alertWords[pen.language].resolveNowShort(keyOf(state, pen), 'x'), 'goodStrong')] : (leftMs > 0 ? [span(alertWords[pen.language].resolvesIn(format.stopwatch(leftMs + 999)), 'dim')] : []);
			return [...(offered.length === 0 ? [] : [[...was, space(3), ...green, space(3), ...offered], [...green, space(3), ...offered]]), [...was, space(3), ...green], green];
		}

		case 'suspected': {
			const outage = suspicionOf(state);
			const down = outage === null ? [] : [span(say.down(format.stopwatch(state.nowMs - outage.sinceMs), outage.atLeast), 'warnStrong')];
			// Until the journal is read nobody knows whether it is open already.
			const opens = outage === null || isDismissed(state) || state.journal.state === 'opening' ? [] : [span(say.opensIn(format.stopwatch(Math.max(0, outage.sinceMs + state.settings.openAfterMs - state.nowMs))), 'dim'), space(3)];
			return [[...opens, ...down], down];
		}

		case 'healthy':
		case 'unknown': {
			return [[span(format.time(state.nowMs), 'dim')]];
		}
	}
};

const keyOf = (state: State, pen: Pen): string => keyName(pen.language, state.bindings.find(({command}) => command === 'incident')?.keys[0] ?? '');

const escalationWords = (state: State, pen: Pen, barWidth: number): Line => {
	const escalation = escalationNow(state);
	if (escalation === null) {
		return [];
	}

	const {say, format} = pen;
	const words = escalationWordsOf[pen.language];
	if (escalation.handled) {
		return [span(words.headerHandled, 'good')];
	}

	if (escalation.snoozedUntilMs !== null) {
		return [span(words.headerSnoozed(format.stopwatch(escalation.remainingMs + 999)), 'warn')];
	}

	if (escalation.due) {
		return [span(say.overdue(format.stopwatch(-escalation.remainingMs)), 'warnStrong')];
	}

	const share = 1 - (escalation.remainingMs / Math.max(1, state.settings.escalation.afterMs));
	return [span(say.escalateIn(format.stopwatch(escalation.remainingMs + 999)), share >= 0.8 ? 'warn' : 'plain'), ...(barWidth === 0 ? [] : [space(1), ...bar(share, barWidth, share >= 0.8 ? 'warn' : 'accent')])];
};
