/**
The runbook as part of the state: what was read, which page is in use, and what follows from it (the cards that can be run, the settings that the
configuration left to it). Pure questions; the keys are in update-runbook.ts.
*/

import {actionById, cardAction, type Action} from './actions.ts';
import {queryOfCondition} from './alerts.ts';
import {checkTarget, type CheckId} from './checks.ts';
import type {Runbook, RunbookCard, RunbookFacts} from './runbook.ts';
import {meaningOf} from './runbook/commands.ts';
import {fold} from './runbook/words.ts';
import type {EscalationSettings, SaidKey, Settings} from './settings.ts';
import type {State} from './state.ts';

export type RunbookSituation = {
	/** Empty until the first was read. */
	readonly runbooks: readonly Runbook[];
	readonly chosen: number;
	/** The first was taken from the journal: the page as it stood when the incident opened. */
	readonly frozen: boolean;
	/** The incident in whose journal the page lies. */
	readonly frozenFor: string | null;
};

export const noRunbook: RunbookSituation = {runbooks: [], chosen: 0, frozen: false, frozenFor: null};

/** The runbook in use; null while none was read. */
export const runbookOf = (state: State): Runbook | null => state.runbook.runbooks[state.runbook.chosen] ?? null;

/** The team's pages that could not be read at all: another one stands in, and that must be said. */
export const unreadOf = (state: State): readonly Runbook[] => state.runbook.runbooks.filter(({path, blocks, problems}) => path !== null && blocks.length === 0 && problems.length > 0);

/** What the diagnosis means by its scenarios, in the words that a team's headings may have for them. */
const topics: Readonly<Record<number, RegExp>> = {
	1: /\b(?:parad\w+|stopped|exited|caid\w+|down|nao esta rodando|not running|paus\w+)\b/,
	2: /\b(?:5xx|50[023]|inicializa\w*|start\w*|boot\w*|crash\w*|loop\w*|fecha\w*|erros?|errors?|migrat?\w*|config\w*)\b/,
	3: /\b(?:recursos?|resources?|memoria|memory|oom|disco|disk|cpu|espaco|space)\b/,
	4: /\b(?:rede|network\w*|nginx|proxy|gateway|502|dns)\b/,
};

/** The scenario of a runbook that a finding means: the same number where the heading says the same, else the one that does; null where none does. */
export const scenarioIn = (runbook: Runbook | null, scenario: number | null): number | null => {
	const topic = scenario === null ? undefined : topics[scenario];
	if (runbook === null || runbook.path === null || topic === undefined) {
		return scenario;
	}

	const fitting = runbook.sections.filter(section => section.role === 'scenario' && (topic.test(fold(section.name)) || topic.test(fold(section.problem ?? '')))).map(section => section.scenario);
	return fitting.includes(scenario) ? scenario : fitting[0] ?? null;
};

/** Which of several runbooks is for an alert: the one that names it, else one whose file does, else the first with cards. */
export const chooseRunbook = (runbooks: readonly Runbook[], alert: string): number => {
	const plain = (text: string | null): string => fold(text ?? '').replaceAll(/[^a-z\d]/g, '');
	const wanted = plain(alert);
	const usable = (runbook: Runbook): boolean => runbook.cards.length > 0;
	const tests: ReadonlyArray<(runbook: Runbook) => boolean> = [
		runbook => usable(runbook) && wanted !== '' && plain(runbook.facts.alert) === wanted,
		runbook => usable(runbook) && wanted !== '' && plain((runbook.path ?? '').split('/').at(-1)!.replace(/\.\w+$/, '')) === wanted,
		usable,
	];
	for (const test of tests) {
		const index = runbooks.findIndex(runbook => test(runbook));
		if (index >= 0) {
			return index;
		}
	}

	return 0;
};

/** The shipped action that a card opens, when this console has it. */
export const shippedActionOf = (card: RunbookCard): Action | null => card.action === null ? null : actionById(card.action);

/** The console's own check that answers a card, where it asks the same thing of the same container; null: the card's command is run. */
export const shippedCheckOf = ({situation, settings}: State, card: RunbookCard): CheckId | null => {
	const about = card.check?.about ?? '';
	switch (card.check?.check) {
		case undefined: {
			return card.rawLines.length === 1 && /^(?:\.\/)?scripts\/health-check\.sh$/.test(card.rawLines[0]!.trim()) ? 'health-script' : null;
		}

		case 'port': {
			return 'who-listens';
		}

		case 'processes':
		case 'system-log':
		case 'environment': {
			return card.check.check;
		}

		case 'database': {
			return about === checkTarget('database', situation) ? 'database' : null;
		}

		case 'nginx-config': {
			return about === checkTarget('proxy-config', situation) ? 'proxy-config' : null;
		}

		case 'network': {
			return (situation.containers.value ?? []).some(({networks}) => networks.some(({name}) => name === about)) ? 'network' : null;
		}

		case 'reach': {
			const [from, url = ''] = about.split(' ');
			return from === checkTarget('reach-api', situation) && url.includes(`//${settings.alert.service}:`) ? 'reach-api' : null;
		}
	}
};

/** Nobody needs the values of `.env` to see what is set: whatever the page writes, only names are asked for. */
const safeScript = (card: RunbookCard): string => card.check?.check === 'environment' ? 'cut -d= -f1 .env' : card.script;

/** The one service that a card's compose commands speak of; null where they are several or none. */
export const serviceOf = (card: RunbookCard): string | null => {
	if (card.target !== null) {
		return card.target;
	}

	const meanings = card.rawLines.map(line => meaningOf(line)).filter(meaning => meaning.kind === 'compose');
	const services = new Set(meanings.map(meaning => meaning.service));
	return services.size === 1 ? [...services][0]! : null;
};

const runnableOf = (card: RunbookCard): Action => {
	const service = serviceOf(card);
	const isFix = card.scenario !== null;
	return cardAction({
		id: card.id,
		title: card.title,
		script: safeScript(card),
		risk: card.risk,
		service,
		questions: card.placeholders.map(({name, variable}) => ({name: variable, label: name, initial: null, pattern: null})),
		// What is meant to bring health back is judged by health, as every shipped action is.
		...(card.verify === 'health' || (isFix && card.verify === null) ? {verify: {by: 'pings', service, strict: true}} : {}),
		scenario: card.scenario,
		...(card.timeoutMs === null ? {} : {deadlineMs: card.timeoutMs, hardLimitMs: Math.max(card.timeoutMs * 3, 60_000)}),
	});
};

/** The cards that a run of their own; those that are shipped actions, panes or hints need none. */
export const runnableCards = (runbook: Runbook): readonly Action[] =>
	runbook.cards.filter(card => (card.kind === 'check' || card.kind === 'change') && card.script !== '' && shippedActionOf(card) === null).map(card => runnableOf(card));

/** What the page says where the configuration says nothing. */
export const settingsWith = (settings: Settings, facts: RunbookFacts): Settings => {
	const isSaid = (key: SaidKey): boolean => settings.said.includes(key);
	const {alert, escalation} = settings;
	const own: EscalationSettings = {
		...escalation,
		afterMs: isSaid('escalation.after') ? escalation.afterMs : facts.escalateAfterMs ?? escalation.afterMs,
		contacts: isSaid('escalation.contacts') || facts.contacts.length === 0 ? escalation.contacts : facts.contacts.map(({role, name, reach}) => ({role, name, reach})),
		steps: isSaid('escalation.steps') || facts.escalationSteps.length === 0 ? escalation.steps : facts.escalationSteps,
	};
	const {prometheus} = settings.alerts;
	const query = isSaid('alerts.prometheus.query') ? null : queryOfCondition(facts.expression ?? '');
	return {
		...settings,
		alerts: prometheus === null || query === null ? settings.alerts : {...settings.alerts, prometheus: {...prometheus, query}},
		escalation: own,
		openAfterMs: isSaid('incident.open-after') ? settings.openAfterMs : facts.durationMs ?? settings.openAfterMs,
		alert: {
			name: isSaid('alert.name') ? alert.name : facts.alert ?? alert.name,
			severity: isSaid('alert.severity') ? alert.severity : facts.severity ?? alert.severity,
			team: isSaid('alert.team') ? alert.team : facts.team ?? alert.team,
			service: isSaid('alert.service') ? alert.service : facts.service ?? alert.service,
		},
	};
};
