/** The rows below the header that say what cannot wait: at most two, most urgent first. Each fills its row, and what to do stands at its end. */

import {bannersOf, type Banner} from '../../core/screen.ts';
import type {State} from '../../core/state.ts';
import {actionTitleOf} from '../../messages/action-titles.ts';
import {escalationWords} from '../../messages/escalation.ts';
import {responderWords} from '../../messages/responders.ts';
import {failureSentence} from '../../messages/failures.ts';
import {widthOf} from '../../core/text.ts';
import {edges, span, type Line} from '../lines.ts';
import type {PaneSize, Pen} from '../pen.ts';
import type {Tone} from '../theme.ts';
import {keyFor} from './key-hints.ts';

/** Draws the banners: exactly the size asked for. */
export const drawBanners = (state: State, size: PaneSize, pen: Pen): readonly Line[] => {
	const banners = bannersOf(state);
	return Array.from({length: size.height}, (_unused, index) => {
		const banner = banners[index];
		return banner === undefined ? [span(' '.repeat(size.width))] : drawBanner(banner, state, size.width, pen);
	});
};

const drawBanner = (banner: Banner, state: State, width: number, pen: Pen): Line => {
	const {text: said, end, remedy} = wordsOf(banner, state, pen);
	const text = remedy !== undefined && widthOf(said) + widthOf(remedy) + widthOf(end) + 10 <= width ? `${said} → ${remedy}` : said;
	const tone: Tone = banner.code === 'escalation-due' || banner.code === 'engine-down' ? 'alarm' : 'caution';
	return edges([span(` ▲ ${text}`, tone)], [span(`${end} `, tone)], width).map(part => ({...part, tone}));
};

/** `remedy` is shown where there is room; the diagnosis pane has it in any case. */
type BannerWords = {readonly text: string; readonly end: string; readonly remedy?: string};

const wordsOf = (banner: Banner, state: State, pen: Pen): BannerWords => {
	const {say, format} = pen;
	switch (banner.code) {
		case 'escalation-due': {
			const key = keyFor(state, 'escalate', pen);
			return {text: say.bannerEscalation(format.span(banner.overdueMs)), end: key === '' ? '' : say.bannerEscalationKey(key)};
		}

		case 'escalation-soon':
		case 'update-due':
		case 'messages-proposed':
		case 'messages-failed': {
			const key = keyFor(state, 'escalate', pen);
			return {text: reminderText(banner, pen), end: key === '' ? '' : escalationWords[pen.language].bannerKey(key)};
		}

		case 'engine-down': {
			const {title, remedy} = failureSentence(pen.language, banner.failure);
			return {text: title, remedy: remedy.split('. ')[0]!, end: say.bannerSince(format.moment(banner.sinceMs, state.nowMs))};
		}

		case 'no-project': {
			return {text: say.bannerNoProject, end: ''};
		}

		case 'choose-project': {
			const key = keyFor(state, 'project', pen);
			return {text: say.bannerChooseProject(String(banner.count)), end: key === '' ? '' : say.bannerChooseKey(key)};
		}

		case 'journal-stalled': {
			return {text: say.bannerJournalStalled(format.span(state.nowMs - banner.sinceMs)), end: ''};
		}

		case 'journal-failed': {
			return {text: `${say.bannerJournalFailed} ${failureSentence(pen.language, banner.failure).title}`, end: ''};
		}

		case 'journal-left': {
			return {text: say.bannerJournalLeft(format.count(banner.count), banner.project, keyFor(state, 'project', pen)), end: ''};
		}

		case 'journal-memory': {
			return {text: say.bannerJournalMemory(banner.path), end: ''};
		}

		case 'journal-own': {
			return {text: responderWords[pen.language].journalOwn(banner.path), end: ''};
		}

		case 'journal-aside': {
			return {text: responderWords[pen.language].journalAside(banner.path), end: ''};
		}

		case 'run-overdue': {
			return {text: say.bannerRunOverdue(actionTitleOf(pen.language, {id: banner.action, title: banner.title}), format.span(banner.overdueMs)), end: ''};
		}

		case 'containers-failed': {
			return {text: `${say.bannerContainersFailed(format.span(banner.ageMs, 10))} ${failureSentence(pen.language, banner.failure).title}`, end: ''};
		}
	}
};

const reminderText = (banner: Extract<Banner, {code: 'escalation-soon' | 'update-due' | 'messages-proposed' | 'messages-failed'}>, pen: Pen): string => {
	const say = escalationWords[pen.language];
	switch (banner.code) {
		case 'escalation-soon': {
			return say.bannerSoon(pen.format.stopwatch(banner.inMs + 999));
		}

		case 'update-due': {
			return say.bannerUpdate(pen.format.span(banner.overdueMs));
		}

		case 'messages-proposed': {
			return say.bannerProposed(banner.count);
		}

		case 'messages-failed': {
			return banner.unknown === banner.count ? say.bannerUnknown : (banner.unknown === 0 ? say.bannerFailed(banner.count) : say.bannerMixed(banner.count));
		}
	}
};
