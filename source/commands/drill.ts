/**
`mdc-console drill`: opens a scenario on the simulated server, lists them, reports the last ones. It hides what is asked before a drill begins (a real incident
is open, one was interrupted), and that nothing of a drill comes near a real journal.

0 well; 1 there is no such report; 64 an unknown scenario, or no terminal; 78 a scenario file or the configuration was refused.
*/

import {createClock} from '../adapters/clock.ts';
import {compareDebriefs, type Debrief} from '../core/debrief.ts';
import {byDifficulty, drillOrder} from '../core/drill.ts';
import {defaultSettings, type ConfigurationProblem, type Settings} from '../core/settings.ts';
import {debriefNow, isWorthDebrief} from '../core/update-drill.ts';
import {makeSafe, widthOf, wrap} from '../core/text.ts';
import {configurationProblemLines, configurationProblemSentence} from '../messages/config.ts';
import {debriefDocument, debriefMarkdown, debriefSummary} from '../messages/debrief.ts';
import {drillCli} from '../messages/drill-cli.ts';
import {difficultyWords, drillPageWords} from '../messages/drill.ts';
import {createFormatter} from '../messages/format.ts';
import type {Language} from '../messages/language.ts';
import {simulatedAlerts} from '../simulator/alerts-port.ts';
import {createPretendMessengers, pretendChannels} from '../simulator/messengers-port.ts';
import {hash} from '../simulator/random.ts';
import {allDrills, findDrill, firstDrill, type FoundDrill} from './drill/library.ts';
import {createDrillRecords, type DrillRecords, type InterruptedDrill, type OpenDrill} from './drill/records.ts';
import {openRealIncident} from './drill/real-incident.ts';
import {createDrillSession} from './drill/session.ts';
import {languageOf, userAgentOf, type Environment, type GlobalOptions, type ScreenStreams} from './invocation.ts';
import {openOn} from './open.ts';
import {stateDirectories} from './state-places.ts';

export type DrillFlags = {readonly seed: number | null; readonly speed: number; readonly observe: boolean; readonly json: boolean};

export type DrillContext = {
	readonly version: string;
	readonly environment: Environment;
	readonly options: GlobalOptions;
	readonly streams: ScreenStreams;
	readonly terminal: boolean;
	readonly out: (line: string) => void;
	readonly err: (line: string) => void;
	/** What to say where there is no terminal. */
	readonly needsTerminal: string;
};

const wrongUsage = 64;
const refused = 78;

/** Runs the command that the words ask for. */
export const runDrill = async (words: readonly string[], flags: DrillFlags, context: DrillContext): Promise<number> => {
	const {environment, options} = context;
	const [name, which] = words;
	const records = createDrillRecords(stateDirectories(environment).own);
	// All of it is on the disk, and none of it waits for another.
	const before = name === 'list' || name === 'report' ? null : whatWas(records, environment);
	const settings = await settingsOf(context);
	if (!('settings' in settings)) {
		for (const line of configurationProblemLines(languageOf(environment, options.language), settings.problems)) {
			context.err(line);
		}

		return refused;
	}

	const language = languageOf(environment, options.language, settings.settings.language);
	switch (name) {
		case 'list': {
			return list(settings.settings, language, flags, context);
		}

		case 'report': {
			return report(which ?? 'last', records, language, flags, context);
		}

		default: {
			return start(name, flags, await (before ?? whatWas(records, environment)), {...context, settings: settings.settings, language, records});
		}
	}
};

/** Of the user's own configuration a drill takes the language, the time zone, the keys, the runbook and the directory of scenarios. */
const settingsOf = async ({options, environment}: DrillContext): Promise<{readonly settings: Settings} | {readonly problems: readonly ConfigurationProblem[]}> => {
	const {loadConfiguration} = await import('../config.ts');
	const answer = await loadConfiguration({clock: createClock(), explicitPath: options.config, projectDirectory: null, environment: {XDG_CONFIG_HOME: environment['XDG_CONFIG_HOME'], HOME: environment['HOME']}, allowedOwners: [process.getuid?.() ?? 0]});
	return answer.ok ? {settings: answer.settings} : {problems: answer.problems};
};

const tellProblems = (problems: readonly ConfigurationProblem[], language: Language, {err}: DrillContext): number => {
	const say = drillCli[language];
	err(say.refused(problems.length, problems[0]?.file ?? ''));
	for (const problem of problems) {
		err(`  ${problem.code === 'missing' ? `${problem.file}: ${say.refusedFile}` : configurationProblemSentence(language, problem)}`);
	}

	return refused;
};

// ─── list and report ─────────────────────────────────────────────────────────

const list = async (settings: Settings, language: Language, {json}: DrillFlags, context: DrillContext): Promise<number> => {
	const {scenarios, problems} = await allDrills(settings.drills);
	const sorted = scenarios.toSorted(drillOrder);
	if (json) {
		context.out(JSON.stringify(sorted.map(({name, title, briefing, page, difficulty}) => ({name, title, briefing, page, difficulty})), null, '\t'));
	} else {
		const say = drillCli[language];
		const rows = [[say.page, say.difficulty, say.name, say.title], ...sorted.map(({name, title, page, difficulty}) => [drillPageWords(language, page), difficultyWords[language][difficulty], makeSafe(name), makeSafe(title[language])])];
		const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => widthOf(row[column]!))));
		for (const row of rows) {
			context.out(row.map((cell, column) => column === 3 ? cell : cell + ' '.repeat(widths[column]! - widthOf(cell))).join('  '));
		}

		context.out('');
		context.out(say.listEnd(sorted.length, drillCommand(context.environment)));
	}

	return problems.length === 0 ? 0 : tellProblems(problems, language, context);
};

const report = async (which: string, records: DrillRecords, language: Language, {json}: DrillFlags, {out, err, environment}: DrillContext): Promise<number> => {
	const all = await records.read();
	const at = all.findLastIndex(({scenario}) => which === 'last' || scenario.name === which);
	const debrief = all[at];
	if (debrief === undefined) {
		err(which === 'last' ? drillCli[language].noReport(drillCommand(environment).replace(/ --$/, '')) : drillCli[language].noReportOf(makeSafe(which)));
		return 1;
	}

	out(json ? JSON.stringify(debrief, null, '\t') : debriefMarkdown(debriefDocument(language, debrief, compareDebriefs(debrief, all.slice(0, at)), createFormatter(language, null))).trimEnd());
	return 0;
};

// ─── a drill ─────────────────────────────────────────────────────────────────

type Starting = DrillContext & {readonly settings: Settings; readonly language: Language; readonly records: DrillRecords};
type Chosen = Pick<OpenDrill, 'scenario' | 'seed' | 'speed' | 'observed'> & {readonly resumed: InterruptedDrill | null};

type Before = {readonly interrupted: readonly InterruptedDrill[]; readonly real: RealIncident | null; readonly earlier: readonly Debrief[]};

const whatWas = async (records: DrillRecords, environment: Environment): Promise<Before> => {
	const [interrupted, real, earlier] = await Promise.all([records.interrupted(), openRealIncident(environment), records.read()]);
	return {interrupted, real, earlier};
};

const start = async (name: string | undefined, flags: DrillFlags, {interrupted, real, earlier}: Before, context: Starting): Promise<number> => {
	const {language, settings} = context;
	const seed = flags.seed ?? Date.now() % 1_000_000;
	const found = await choose(name, seed, settings.drills);
	if (found.kind === 'refused') {
		return tellProblems(found.problems, language, context);
	}

	if (found.kind === 'unknown' || !context.terminal) {
		context.err(found.kind === 'unknown' ? `mdc-console: ${drillCli[language].unknown(makeSafe(name ?? ''), found.nearest ?? '', drillCommand(context.environment))}` : context.needsTerminal);
		return wrongUsage;
	}

	if (real !== null && !await isSure(real, context)) {
		return 0;
	}

	const resumed = await resumedOf(interrupted, context);
	if (resumed === 'leave') {
		return 0;
	}

	if (resumed !== null) {
		const {scenario, seed, speed, observed} = resumed.drill;
		return open({scenario, seed, speed, observed, resumed}, {isTour: false, earlier}, context);
	}

	return open({scenario: found.scenario, seed, speed: flags.speed, observed: flags.observe, resumed: null}, {isTour: name === 'tour', earlier}, context);
};

const choose = async (name: string | undefined, seed: number, directory: string | null): Promise<FoundDrill> => {
	if (name !== 'random') {
		return findDrill(name === undefined || name === 'tour' ? firstDrill : name, directory);
	}

	const scenarios = (await allDrills(directory)).scenarios.toSorted(drillOrder);
	return {kind: 'found', scenario: scenarios[hash(seed, 'scenario') % scenarios.length]!, file: null};
};

const open = async ({scenario, seed, speed, observed, resumed}: Chosen, {isTour, earlier}: {readonly isTour: boolean; readonly earlier: readonly Debrief[]}, context: Starting): Promise<number> => {
	const {version, environment, options, streams, language, records, settings} = context;
	const base = createClock();
	const openedAtMs = resumed?.drill.openedAtMs ?? Math.floor(base.nowMs());
	const session = createDrillSession({base, scenario, seed, speed, openedAtMs, observed, userAgent: userAgentOf(version), records, reasons: {resolved: drillCli[language].reasonResolved, cancelled: drillCli[language].reasonCancelled}});
	const {simulator, clock} = session;
	const operator = makeSafe(resumed?.drill.operator || options.as || environment['USER'] || environment['LOGNAME'] || simulator.identity.name);
	const actor = {...simulator.identity, name: operator};
	return openOn({
		version, environment, options, streams, actor,
		ports: {...simulator, journal: simulator.secondJournal(actor), clock, outbox: createPretendMessengers({clock, seed})},
		settings: {...defaultSettings, language: settings.language, timeZone: settings.timeZone, runbook: settings.runbook, keys: settings.keys, directory: simulator.directory, alerts: simulatedAlerts, escalation: {...defaultSettings.escalation, channels: pretendChannels}},
		askActor: false,
		drill: true,
		drillRun: {scenario, seed, speed, observed, earlier, isFirst: earlier.length === 0},
		machineClock: base,
		async begin(store) {
			if (resumed === null) {
				records.begin({version, scenario, seed, speed, observed, openedAtMs, operator, size: store.state().view.size});
			}

			const recorded = await session.begin(store, resumed?.steps ?? []);
			if (isTour) {
				recorded.dispatch({type: 'key/pressed', key: 't', alone: true, atMs: clock.nowMs()});
			}

			return recorded;
		},
		async farewell(state, code) {
			// A line that was lost, a console that was killed: the drill is there to be resumed.
			if (code !== 0) {
				session.noteTime();
				await records.noted();
				return [];
			}

			await records.drop();
			const debrief = isWorthDebrief(state) ? debriefNow(state) : null;
			return debrief === null ? [] : tellDebrief(debrief, earlier, context);
		},
		release() {
			session.stop();
		},
	});
};

/** How a drill is called here: who has only git and npm has no mdc-console on the path. */
const drillCommand = (environment: Environment): string => environment['npm_lifecycle_event'] === 'drill' ? 'npm run drill --' : 'mdc-console drill';

/** Keeps the debrief, and tells it on the normal screen, with the next drill that this user has not done yet. */
const tellDebrief = async (debrief: Debrief, earlier: readonly Debrief[], {records, language, settings, environment, streams}: Starting): Promise<readonly string[]> => {
	const [failure, {scenarios}] = await Promise.all([records.keep(debrief), allDrills(settings.drills)]);
	const say = drillCli[language];
	const command = drillCommand(environment);
	const done = new Set([...earlier, debrief].filter(({observed}) => !observed).map(({scenario}) => scenario.name));
	const next = scenarios.filter(({name}) => !done.has(name)).toSorted(byDifficulty)[0];
	return [
		...debriefSummary(language, debrief, createFormatter(language, settings.timeZone)),
		failure === null ? say.reportHint(command) : say.notKept(records.path, failure),
		...(next === undefined ? [] : [say.next(command, makeSafe(next.name), makeSafe(next.title[language]), difficultyWords[language][next.difficulty])]),
	].flatMap(line => wrapped(line, streams));
};

/** On the normal screen nobody wraps at words for us. */
const wrapped = (line: string, {stdout}: ScreenStreams): readonly string[] => wrap(line, Math.max(20, (stdout.columns ?? 80) - 1));

// ─── what is asked before ────────────────────────────────────────────────────

type RealIncident = {readonly id: string; readonly project: string; readonly downMs: number};

/** The answer in lower case; null when it was left by Ctrl-C or Ctrl-D. */
const ask = async (question: string, {streams}: Starting): Promise<string | null> => {
	const {askLine} = await import('./ask.ts');
	return (await askLine(`${wrapped(question.trimEnd(), streams).join('\n')} `, streams))?.toLowerCase() ?? null;
};

const isSure = async ({id, project, downMs}: RealIncident, context: Starting): Promise<boolean> => {
	const say = drillCli[context.language];
	const answer = await ask(`${say.realOpen(makeSafe(id), makeSafe(project), createFormatter(context.language, null).span(downMs))} ${say.yesNo}`, context);
	return answer === 'y' || answer === 's' || answer === 'yes' || answer === 'sim';
};

/** Each that was interrupted is offered; what another console took up while it was asked is left to it. */
const resumedOf = async (interrupted: readonly InterruptedDrill[], context: Starting): Promise<InterruptedDrill | 'leave' | null> => {
	const {records, language, err} = context;
	for (const one of interrupted) {
		const answer = await askInterrupted(one, context);
		if (answer === 'leave') {
			return 'leave';
		}

		if (answer === 'drop') {
			await records.forget(one);
			continue;
		}

		if (await records.adopt(one)) {
			err(drillCli[language].resuming);
			return one;
		}

		err(drillCli[language].resumedElsewhere);
	}

	return null;
};

const askInterrupted = async ({drill, steps}: InterruptedDrill, context: Starting): Promise<'resume' | 'drop' | 'leave'> => {
	const say = drillCli[context.language];
	if (drill.version !== context.version) {
		context.err(say.notResumable);
		return 'drop';
	}

	const at = createFormatter(context.language, null).stopwatch(steps.at(-1)?.afterMs ?? 0);
	for (;;) {
		const answer = await ask(`${say.interrupted(makeSafe(drill.scenario.name), at)} `, context);
		if (answer === 'r') {
			return 'resume';
		}

		if (answer === 'd' || answer === 'q' || answer === null) {
			return answer === 'd' ? 'drop' : 'leave';
		}
	}
};
