/**
`mdc-console escalate --incident ID --unattended`: what the system's timer runs when the deadline comes. It reads the journal and sends exactly what the
configuration says may go out unattended, if the incident is still open, nobody has acknowledged it, nobody put it off and nobody has dealt with it; else it
says why not and ends. It claims as a console does, so that beside one that is open nothing goes out twice.
*/

import {createMessengers} from '../adapters/messengers.ts';
import {escalationOf} from '../core/escalation.ts';
import {replay, type Incident} from '../core/incident.ts';
import type {MessengersPort} from '../core/messengers.ts';
import type {JournalEntry, JournalPort} from '../core/ports.ts';
import type {Settings} from '../core/settings.ts';
import type {Effect, Event, State} from '../core/state.ts';
import {chooseRunbook, settingsWith} from '../core/runbook-state.ts';
import {update, initialState} from '../core/update.ts';
import {approve, textFor} from '../core/update-escalation.ts';
import {unattendedItems} from '../core/update-outbox.ts';
import {escalateWords} from '../messages/escalate-command.ts';
import {channelName} from '../messages/escalation.ts';
import {createComposer} from '../messages/escalation-texts.ts';
import {createFormatter} from '../messages/format.ts';
import type {Language} from '../messages/language.ts';
import {consoleIdOf, languageOf, userAgentOf} from './invocation.ts';
import {createRunbooks} from './runbooks.ts';
import type {Surroundings} from './surroundings.ts';

const withinMs = 300_000;
const lookEveryMs = 500;
/** A timer may come a little early. */
const earlyMs = 2000;

export type EscalateRequest = {readonly incident: string; readonly project: string};
export type EscalateOutput = {readonly out: (line: string) => void; readonly err: (line: string) => void};

/** 0: sent, or there was nothing to send; 1: something was not sent; 2: the journal could not be read. */
export const runEscalate = async (surroundings: Surroundings, configured: Settings, request: EscalateRequest, output: EscalateOutput, given?: MessengersPort): Promise<number> => {
	const {version, environment, options, clock} = surroundings;
	const language = languageOf(environment, options.language, configured.language);
	const say = escalateWords[language];
	const settings = await withRunbook(configured, options.runbook, language);
	const actor = {...await surroundings.actor, name: 'mdc-console'};
	const journal = surroundings.journalFor(actor, false);
	try {
		const opened = await journal.open(request.project);
		if (!opened.ok) {
			output.err(say.journalFailed(request.project, opened.failure.detail));
			return 2;
		}

		const incident = replay(opened.value.entries).current;
		const why = reasonNot(incident, request, settings, clock.nowMs(), language);
		if (why !== null) {
			output.out(why);
			return 0;
		}

		const messagesLanguage = languageOf(environment, settings.escalation.language, settings.language, options.language);
		const state = initialState({
			nowMs: clock.nowMs(), version, consoleId: consoleIdOf(process.pid, clock.nowMs()), settings: {...settings, project: request.project}, actor, askActor: false, readOnly: false, drill: false, userAgent: userAgentOf(version),
			size: {columns: 80, rows: 24}, commandNames: {}, canSend: true, compose: createComposer(messagesLanguage, settings.timeZone),
		});
		const messengers = given ?? createMessengers({channels: () => settings.escalation.channels, environment, userAgent: userAgentOf(version), authorities: surroundings.authorities});
		return await send({surroundings, journal, messengers, output, language}, state, opened.value.entries, incident!);
	} finally {
		await journal.close();
		surroundings.docker.close();
	}
};

/** What the team's page says where the configuration says nothing, as for a console. */
const withRunbook = async (settings: Settings, path: string | null, language: Language): Promise<Settings> => {
	const runbooks = await createRunbooks({path: path ?? settings.runbook, language}).read(null);
	const chosen = runbooks[chooseRunbook(runbooks, settings.alert.name)];
	return chosen === undefined ? settings : settingsWith(settings, chosen.facts);
};

/** Why nothing is sent; null when something is. */
const reasonNot = (incident: Incident | null, request: EscalateRequest, settings: Settings, nowMs: number, language: Language): string | null => {
	const say = escalateWords[language];
	if (incident === null || incident.id !== request.incident) {
		return say.notOpen(request.incident);
	}

	if (incident.state !== 'open') {
		return say.healthy(incident.id);
	}

	if (incident.acknowledgedAtMs !== null) {
		return say.acknowledged(incident.id, incident.acknowledgedBy ?? '');
	}

	if (incident.snoozedUntilMs !== null && incident.snoozedUntilMs > nowMs + earlyMs) {
		return say.snoozed(incident.id, createFormatter(language, settings.timeZone).time(incident.snoozedUntilMs));
	}

	if (settings.escalation.unattended.length === 0) {
		return say.nothingUnattended;
	}

	if (unattendedItems(incident, settings).length === 0) {
		return say.done(incident.id);
	}

	// The console that armed the timer knew the deadline; without one it is worked out anew.
	const isDue = incident.timer === null || incident.timer.name === '' ? escalationOf(incident, settings.escalation, nowMs + earlyMs)?.due === true : nowMs + earlyMs >= incident.timer.atMs;
	return isDue ? null : say.notDue(incident.id);
};

type Sending = {readonly surroundings: Surroundings; readonly journal: JournalPort; readonly messengers: MessengersPort; readonly output: EscalateOutput; readonly language: Language};

/** A console without a screen, for as long as it takes: the same rules, the same outbox, the same claims. */
const send = async ({surroundings, journal, messengers, output, language}: Sending, initial: State, entries: readonly JournalEntry[], incident: Incident): Promise<number> => {
	const {clock} = surroundings;
	let state = initial;
	const sending: Effect[] = [];
	const appending: Array<Promise<void>> = [];

	const dispatch = (event: Event): void => {
		const updated = update(state, event);
		({state} = updated);
		perform(updated.effects);
	};

	const perform = (effects: readonly Effect[]): void => {
		for (const effect of effects) {
			if (effect.type === 'journal/append') {
				appending.push(append(effect.drafts));
			} else if (effect.type === 'message/send') {
				sending.push(effect);
			}
		}
	};

	const append = async (drafts: Extract<Effect, {type: 'journal/append'}>['drafts']): Promise<void> => {
		const stored = await journal.append(drafts.map(({draftId: _, ...draft}) => ({...draft, monotonicMs: clock.monotonicMs()})));
		const all = stored.ok ? await journal.since(state.stored.sequence) : stored;
		dispatch(all.ok ? {type: 'journal/stored', entries: all.value, draftIds: drafts.map(({draftId}) => draftId)} : {type: 'journal/failed', failure: all.failure});
	};

	dispatch({type: 'journal/opened', place: journal.place(), entries});
	const items = unattendedItems(incident, state.settings);
	for (const item of items) {
		const approved = approve({state, effects: []}, incident, item, textFor(state, incident, item));
		({state} = approved);
		perform(approved.effects);
	}

	const messageOf = (id: string) => (state.incident?.id === incident.id ? state.incident : state.lastEnded)?.outbox[id];
	const isGoing = (id: string): boolean => {
		const message = messageOf(id);
		return message !== undefined && (message.state === 'approved' || message.state === 'claimed' || message.retryAtMs !== null);
	};

	for (const endMs = clock.monotonicMs() + withinMs; items.some(({id}) => isGoing(id)) && clock.monotonicMs() < endMs;) {
		await Promise.all(appending.splice(0));
		for (const effect of sending.splice(0)) {
			if (effect.type === 'message/send') {
				const delivery = await messengers.send(effect.envelope);
				dispatch({type: 'message/answered', incident: effect.incident, message: effect.message, attempt: effect.attempt, delivery, share: Math.random()});
			}
		}

		await Promise.all(appending.splice(0));
		if (items.some(({id}) => isGoing(id))) {
			await new Promise<void>(resolve => {
				clock.after(lookEveryMs, resolve);
			});
			const others = await journal.since(state.stored.sequence);
			if (others.ok && others.value.length > 0) {
				dispatch({type: 'journal/stored', entries: others.value, draftIds: []});
			}

			dispatch({type: 'clock/ticked', nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs()});
		}
	}

	await Promise.all(appending.splice(0));
	const say = escalateWords[language];
	for (const {id, kind} of items) {
		const message = messageOf(id);
		output.out(message?.state === 'sent' ? say.sent(channelName(language, kind), message.words) : say.notSent(channelName(language, kind), message?.words ?? ''));
	}

	return items.every(({id}) => messageOf(id)?.state === 'sent') ? 0 : 1;
};
