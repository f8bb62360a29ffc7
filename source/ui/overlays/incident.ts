/** The incident: its state, clocks with where each comes from, and the timeline in words, newest first. */

import {downMs, type Incident} from '../../core/incident.ts';
import type {Rectangle} from '../../core/layout.ts';
import {isMeasurement} from '../../core/metrics-sample.ts';
import type {State} from '../../core/state.ts';
import {leadOf} from '../../core/responders.ts';
import {actionTitleOf} from '../../messages/action-titles.ts';
import {responderWords} from '../../messages/responders.ts';
import {runbookOf} from '../../core/runbook-state.ts';
import {resolveDoubt, watchLeftMs} from '../../core/update-alerts.ts';
import {againstOf, alertWords} from '../../messages/alerts.ts';
import {timelineSentence} from '../../messages/timeline.ts';
import {clipLine, edges, span, type Line} from '../lines.ts';
import type {Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';
import {makeSafe, wrap} from '../../core/text.ts';
import {alertRows} from './alert-sources.ts';
import {drawBox, heading, labelColumns, labelled, labelledLine, paragraph, rowWidth, type Drawn} from './box.ts';

/** Draws the incident, or the last one, or that there is none. */
export const drawIncident = (state: State, scroll: number, body: Rectangle, pen: Pen): Drawn => {
	const say = pen.sayIncident;
	const width = rowWidth(body);
	const shown = state.incident ?? state.lastEnded;
	const alerts = alertRows(state, width, pen);
	const none: readonly Line[] = state.incident === null ? [heading(say.none), ...paragraph(say.noneHint, width, 'dim'), ...(alerts.length === 0 ? [] : [[], ...alerts])] : [];
	return drawBox({
		title: [span(say.title, 'strong'), ...(shown === null ? [] : [span(` · ${shown.id}`, 'dim')])],
		facts: shown === null ? [] : [span(stateWord(shown, pen), stateTone(shown))],
		scroll,
		rows: [
			...none,
			...(shown === null ? [] : [...(state.incident === null ? [[], heading(say.last)] : []), ...incidentRows(shown, state, width, pen)]),
		],
	}, body, pen);
};

const stateWord = (incident: Incident, pen: Pen): string => {
	const say = pen.sayIncident;
	return {open: say.stateOpen, mitigated: say.stateMitigated, resolved: say.stateResolved, closed: alertWords[pen.language].stateClosed, cancelled: say.stateCancelled}[incident.state];
};

const stateTone = (incident: Incident): Tone => incident.state === 'open' ? 'badStrong' : incident.state === 'mitigated' ? 'warnStrong' : 'goodStrong';

const incidentRows = (incident: Incident, state: State, width: number, pen: Pen): readonly Line[] => {
	const {format} = pen;
	const say = pen.sayIncident;
	const at = (atMs: number): string => format.moment(atMs, state.nowMs).replace(format.time(atMs), format.clock(atMs));
	const {outage} = incident;
	const source = {ping: say.fromPing, container: say.fromContainer, alert: say.fromAlert}[outage.source];
	const clock = (label: string, atMs: number | null, words: string): Line => labelledLine(label, atMs === null
		? [span(say.notYet, 'dim')]
		: [span(at(atMs)), span(`  ${say.afterStart(format.stopwatch(atMs - outage.sinceMs))}${words === '' ? '' : ` · ${words}`}`, 'dim')]);
	const words = alertWords[pen.language];
	const impact = (runbookOf(state)?.facts.impact ?? []).join(' · ');
	const by = {key: say.byKey, condition: say.byCondition, alert: words.byAlert}[incident.detected.by];
	const isCurrent = incident.id === state.incident?.id;
	const alerts = isCurrent ? alertRows(state, width, pen) : [];
	return [
		labelledLine(say.downFor, [span(`${outage.atLeast ? '≥ ' : ''}${format.stopwatch(downMs(incident, state.nowMs))}`, incident.state === 'open' ? 'badStrong' : 'strong'), ...(incident.endedAtMs === null ? [span(`  ${words.elapsed} ${format.stopwatch(state.nowMs - incident.openedAtMs)}`, 'dim')] : [])]),
		...(incident.severity === '' ? [] : [labelledLine(words.severity, [span(incident.severity), ...(state.settings.alert.team === '' ? [] : [span(`  ${makeSafe(state.settings.alert.team)}`, 'dim')])])]),
		...(impact === '' ? [] : [labelledLine(words.impact, clipLine([span(impact, 'dim')], width - labelColumns))]),
		labelledLine(say.outage, [span(at(outage.sinceMs)), span(`  ${source}${outage.atLeast ? ` · ${say.atLeast}` : ''}`, 'dim')]),
		clock(say.detected, incident.detected.atMs, by),
		clock(say.acknowledged, incident.acknowledgedAtMs, incident.acknowledgedBy ?? ''),
		clock(say.mitigated, incident.mitigatedAtMs, incident.mitigatedBy === 'alert' ? words.mitigatedByAlert : words.mitigatedByChecks),
		...(incident.endedAtMs === null ? [] : [clock(say.ended, incident.endedAtMs, endWords(incident, pen))]),
		...(incident.closedAtMs === null ? [] : [clock(words.closed, incident.closedAtMs, words.closedWords)]),
		...(incident.silence === null || !isCurrent ? [] : [labelledLine(words.silence, [span(words.silencedUntil(format.clock(incident.silence.untilMs), incident.silence.by))])]),
		...(isCurrent ? watchRows(incident, state, width, pen) : []),
		...responderRows(incident, state, width, pen),
		...(alerts.length === 0 ? [] : [[], ...alerts]),
		[],
		heading(say.timeline),
		...incident.timeline.filter(({type}) => !isMeasurement(type)).toSorted((a, b) => b.atMs - a.atMs || b.sequence - a.sequence).flatMap(item => {
			const time = at(item.atMs);
			const words = wrap(timelineSentence(pen.language, item, format), Math.max(20, width - time.length - 18));
			return words.map((text, index): Line => edges([span(index === 0 ? `${time}  ` : ' '.repeat(time.length + 2), 'dim'), span(text, toneOfItem(item.type, item.data))], index === 0 ? [span(item.actor, 'dim')] : [], width));
		}),
		...(incident.timelineDropped > 0 ? paragraph(say.earlier(format.count(incident.timelineDropped)), width, 'dim') : []),
	];
};

/** Who is at it, who leads, what runs now and what was noted last. */
const responderRows = (incident: Incident, state: State, width: number, pen: Pen): readonly Line[] => {
	const {format} = pen;
	const say = responderWords[pen.language];
	const lead = leadOf(incident);
	const isOpen = incident.endedAtMs === null;
	const here = isOpen ? state.journal.present : [];
	const running = isOpen ? state.runs.filter(({phase}) => phase === 'running' || phase === 'verifying') : [];
	const note = incident.timeline.findLast(({type}) => type === 'note/added');
	const people = here.map(({name, from, sinceMs, isMe}): string => [`${name}${isMe ? ` (${say.you})` : ''}`, say.since(format.span(Math.max(0, state.nowMs - sinceMs))), ...(from === null ? [] : [from])].join(' · '));
	return [
		...(lead !== null || here.length > 1 ? [labelledLine(say.lead, [span(lead ?? say.leadNobody, lead === null ? 'dim' : 'plain'), ...(isOpen && lead !== state.actor.name ? [span(`  ${say.leadKey}`, 'dim')] : [])])] : []),
		...(here.length < 2 ? [] : people.flatMap((text, index) => labelled(index === 0 ? say.here : '', text, width))),
		...running.flatMap((run, index) => labelled(index === 0 ? say.runs : '', `${actionTitleOf(pen.language, {id: run.action, title: run.title})} · ${say.by(run.actor)}${run.startedAtMs === null ? '' : ` · ${format.span(Math.max(0, state.nowMs - run.startedAtMs))}`}`, width, 'accent')),
		...(note === undefined ? [] : labelled(say.lastNote, `${makeSafe(String(note.data['text'] ?? ''))} · ${note.actor}, ${format.moment(note.atMs, state.nowMs)}`, width)),
	];
};

/** Who ended it, and why: what was said, and what spoke against it. */
const endWords = (incident: Incident, pen: Pen): string => {
	const words = alertWords[pen.language];
	const against = incident.timeline.findLast(({type}) => type === 'incident/resolved')?.data['against'];
	const said = typeof against === 'string' ? againstOf(pen.language, against) : '';
	return [incident.endedBy === 'watch' ? words.endedByWatch : incident.endedBy ?? '', incident.endReason, said].filter(text => text !== '').join(' · ');
};

/** Whether it may be resolved, once it is mitigated. */
const watchRows = (incident: Incident, state: State, width: number, pen: Pen): readonly Line[] => {
	if (incident.state !== 'mitigated') {
		return [];
	}

	const words = alertWords[pen.language];
	const leftMs = watchLeftMs(state, incident);
	return resolveDoubt(state) === null ? paragraph(words.resolveNow, width, 'good') : (leftMs > 0 ? paragraph(words.watchLeft(pen.format.stopwatch(leftMs)), width, 'dim') : []);
};

const toneOfItem = (type: string, data: {readonly [key: string]: unknown}): Tone => {
	if (type === 'container/died' || type === 'container/oom' || type === 'ping/failed' || type === 'engine/lost' || type === 'incident/opened' || type === 'incident/reopened' || type === 'alert/fired') {
		return 'bad';
	}

	if (type === 'action/verified') {
		return data['verdict'] === 'recovered' ? 'good' : 'warn';
	}

	if (type === 'message/failed' || type === 'message/unknown' || type === 'escalation/notArmed') {
		return 'warn';
	}

	return type === 'incident/mitigated' || type === 'incident/resolved' || type === 'ping/recovered' || type === 'alert/cleared' ? 'good' : (type === 'escalation/prompted' || type === 'alert/unknown' || type === 'silence/failed' ? 'warn' : 'plain');
};
