/** What the alert sources say, as rows for an overlay; and the two small overlays of the incident's card: the silence, and the severity. */

import {matchersOf, matcherText, targetErrorKind, withoutRequest, type AlertView} from '../../core/alerts.ts';
import type {Rectangle} from '../../core/layout.ts';
import type {State} from '../../core/state.ts';
import {makeSafe, wrap} from '../../core/text.ts';
import {alertNowOf, silenceEndMs} from '../../core/update-alerts.ts';
import {severityChoices} from '../../core/update-incident.ts';
import type {Overlay} from '../../core/view.ts';
import {alertLine, alertWords, sourceName, targetErrorWords} from '../../messages/alerts.ts';
import {cell, space, span, type Line} from '../lines.ts';
import type {Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';
import {drawBox, heading, labelled, labelledLine, paragraph, rowWidth, type Drawn} from './box.ts';

const nameColumns = 13;

const toneOf = (view: AlertView): Tone => view.state === 'firing' ? 'bad' : (view.state === 'pending' || view.state === 'unknown' || view.trouble !== null ? 'warn' : (view.state === 'clear' ? 'good' : 'plain'));

/** A row or more for each configured source; none where none is. */
export const alertRows = (state: State, width: number, pen: Pen): readonly Line[] => {
	const say = alertWords[pen.language];
	const {views} = alertNowOf(state);
	const rows = (name: string, text: string, tone: Tone): readonly Line[] =>
		wrap(text, Math.max(20, width - nameColumns)).map((piece, index): Line => [cell(index === 0 ? name : '', nameColumns - 1, 'dim'), space(1), span(piece, tone)]);
	return views.length === 0 ? [] : [
		heading(say.alerts),
		...views.flatMap(view => {
			const points = view.targetError === '' ? '' : targetErrorWords[pen.language][targetErrorKind(view.targetError)];
			return [
				...rows(sourceName(view.source), alertLine(pen.language, view, pen.format, state.nowMs), toneOf(view)),
				...(view.targetError === '' ? [] : rows('', makeSafe(`${say.targetSays}: ${withoutRequest(view.targetError)}${points === '' ? '' : ` (${points})`}`), 'plain')),
			];
		}),
	];
};

/** Draws what a silence would silence, until when, and what `y` does. */
export const drawSilence = (state: State, overlay: Extract<Overlay, {kind: 'silence'}>, body: Rectangle, pen: Pen): Drawn => {
	const say = alertWords[pen.language];
	const width = rowWidth(body, 80);
	const {incident, settings} = state;
	const silence = incident?.silence ?? null;
	const clock = (atMs: number): string => pen.format.clock(atMs);
	const title = {create: say.silenceTitleCreate, extend: say.silenceTitleExtend, lift: say.silenceTitleLift}[overlay.what];
	const matchers = matchersOf(settings.alerts, settings.alert.name).map(matcher => matcherText(matcher)).join(', ');
	return drawBox({
		title: [span(title, 'strong')],
		scroll: overlay.scroll,
		rows: [
			...labelled(say.silenceWhat, makeSafe(matchers), width, 'strong'),
			...(silence === null ? [] : [labelledLine(say.silenceNow, [span(`${clock(silence.untilMs)}, ${silence.by}`)])]),
			...(overlay.what === 'lift' ? [] : [labelledLine(say.silenceUntil, [span(clock(silenceEndMs(state)), 'strong'), span(`  ${pen.format.span(settings.alerts.alertmanager?.silenceMs ?? 0)}`, 'dim')])]),
			...(overlay.what === 'lift' ? [] : labelled(say.silenceComment, makeSafe(`${incident?.id ?? ''} · ${silence?.by ?? state.actor.name} · mdc-console`), width)),
			[],
			...paragraph(overlay.what === 'lift' ? say.silenceLifts : say.silenceCreates, width, 'dim'),
		],
		foot: [[], [span('y', 'key'), span(` ${say.silenceYes}`), ...(silence === null || overlay.what === 'lift' ? [] : [span(' · ', 'dim'), span('u', 'key'), span(` ${say.silenceLiftKey}`)])]],
	}, body, pen, 80);
};

/** Draws the severities to choose from. */
export const drawSeverity = (state: State, cursor: number, body: Rectangle, pen: Pen): Drawn => {
	const say = alertWords[pen.language];
	const width = rowWidth(body, 60);
	return drawBox({
		title: [span(say.severityTitle, 'strong')],
		scroll: 0,
		rows: [
			...severityChoices(state).map((name, index) => ({
				line: [span(String(index + 1), 'key'), space(2), span(makeSafe(name), index === cursor ? 'strong' : 'plain')] as Line,
				mark: index === cursor ? span('›', 'accentStrong') : space(1),
			})),
			[],
			...paragraph(say.severityHint, width, 'dim'),
		],
	}, body, pen, 60);
};
