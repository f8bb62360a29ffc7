/**
Arguments → command → exit code. The only user of process.argv, process.env and the standard streams; every command is loaded only when it is
asked for, so that `--version` and `status` never load the screen.

Exit codes: 0 well, 1 something is wrong, 2 cannot tell; of `run`: 3 not verified, 4 refused, 5 needs confirmation; 64 wrong usage, 69 Node too old (the launcher's), 70 our bug, 78 configuration refused.
*/

import {Command, CommanderError, InvalidArgumentError, Option} from 'commander';
import packageFile from '../package.json' with {type: 'json'};
import type {LanguageChoice} from './core/settings.ts';
import {makeSafe} from './core/text.ts';
import {cli} from './messages/cli.ts';
import {escalateWords} from './messages/escalate-command.ts';
import {incidentArguments} from './messages/incident-arguments.ts';
import {leaveInTime} from './commands/leave.ts';
import {addDrill, type DrillOptions} from './commands/drill/arguments.ts';
import {drillCli} from './messages/drill-cli.ts';
import {addIncidents, type IncidentsRequest} from './commands/incidents/arguments.ts';
import {runWords} from './messages/run.ts';
import {hasColour, hasTerminal, isUnicode, languageOf, type GlobalOptions} from './commands/invocation.ts';
import type {Surroundings} from './commands/surroundings.ts';
import type {Settings} from './core/settings.ts';

const wrongUsage = 64;
const ourBug = 70;
const configurationRefused = 78;

const {version} = packageFile;
const environment = process.env;
const streams = {stdin: process.stdin, stdout: process.stdout, stderr: process.stderr};

const languageArgument = (): LanguageChoice => {
	const index = process.argv.findIndex(argument => argument === '--language' || argument.startsWith('--language='));
	const value = index < 0 ? undefined : (process.argv[index]!.split('=')[1] ?? process.argv[index + 1]);
	return value === 'en' || value === 'pt-BR' ? value : 'auto';
};

const language = languageOf(environment, languageArgument());
const say = cli[language];
const sayRun = runWords[language];
const out = (line: string): void => {
	process.stdout.write(`${line}\n`);
};

const error = (line: string): void => {
	process.stderr.write(`${line}\n`);
};

type Flags = {readonly config?: string; readonly project?: string; readonly runbook?: string; readonly language?: LanguageChoice; readonly readOnly?: boolean; readonly as?: string; readonly ascii?: boolean; readonly color?: boolean};

const globalOptions = (flags: Flags): GlobalOptions => ({
	config: flags.config ?? null,
	project: flags.project ?? null,
	runbook: flags.runbook ?? null,
	language: flags.language ?? 'auto',
	readOnly: flags.readOnly ?? false,
	as: flags.as ?? null,
	ascii: flags.ascii ?? false,
	colour: flags.color ?? true,
});

/** The real server; a drill, a page and the help need nothing of it. */
const surround = async (options: GlobalOptions, looks = false, patienceMs: number | null = null): Promise<Surroundings> => (await import('./commands/surroundings.ts')).surround(version, environment, options, looks, patienceMs);

/** The settings, or the exit code after every problem was printed. */
const settingsOf = async (surroundings: Surroundings): Promise<Settings | number> => {
	const result = await surroundings.configuration;
	if (result.ok) {
		return result.settings;
	}

	const {configurationProblemLines} = await import('./messages/config.ts');
	for (const line of configurationProblemLines(languageOf(environment, surroundings.options.language), result.problems)) {
		error(line);
	}

	return configurationRefused;
};

/** A project that was named but is not there, or several with none named, where no screen can ask. */
const projectTrouble = async (surroundings: Surroundings): Promise<string | null> => {
	const [answer, configuration] = await Promise.all([surroundings.projects, surroundings.configuration]);
	const wanted = surroundings.options.project;
	// With a directory configured a project without any container can still be opened: all of it is missing.
	const isConfigured = configuration.ok && configuration.settings.directory !== null;
	if (!answer.ok || wanted === null || isConfigured || answer.value.some(({name}) => name === wanted)) {
		return null;
	}

	return say.unknownProject(wanted, answer.value.map(({name}) => name).join(', '));
};

const open = async (flags: Flags): Promise<number> => {
	if (!hasTerminal(streams, environment)) {
		error(say.needsTerminal(''));
		return wrongUsage;
	}

	// The engine is asked first; the console is loaded while it answers.
	const surroundings = await surround(globalOptions(flags), true);
	const [{openConsole}, settings, trouble] = await Promise.all([import('./commands/open.ts'), settingsOf(surroundings), projectTrouble(surroundings)]);
	if (trouble !== null) {
		error(trouble);
		return wrongUsage;
	}

	return typeof settings === 'number' ? settings : openConsole(surroundings, streams, settings);
};

const drill = async (words: readonly string[], flags: Flags & DrillOptions): Promise<number> => {
	const {runDrill} = await import('./commands/drill.ts');
	return runDrill(words, {seed: flags.seed ?? null, speed: flags.speed ?? 1, observe: flags.observe ?? false, json: flags.json ?? false}, {
		version, environment, options: globalOptions(flags), streams, terminal: hasTerminal(streams, environment), out, err: error, needsTerminal: say.needsTerminal(' drill'),
	});
};

const status = async (flags: Flags & {readonly json?: boolean; readonly wait?: number}): Promise<number> => {
	const options = globalOptions(flags);
	const surroundings = await surround(options, true);
	const [settings, {runStatus}] = await Promise.all([settingsOf(surroundings), import('./commands/print-status.ts')]);
	if (typeof settings === 'number') {
		return settings;
	}

	const trouble = await projectTrouble(surroundings);
	if (trouble !== null) {
		error(trouble);
		return wrongUsage;
	}

	return runStatus(surroundings, settings, {json: flags.json ?? false, waitMs: flags.wait === undefined ? null : flags.wait * 1000, plain: !process.stdout.isTTY, out, theme: {unicode: !options.ascii && isUnicode(environment), colour: process.stdout.isTTY && hasColour(environment, options.colour)}});
};

const runOne = async (action: string | undefined, flags: Flags & {readonly var?: readonly string[]; readonly yes?: boolean; readonly confirm?: string; readonly dryRun?: boolean; readonly json?: boolean}): Promise<number> => {
	const options = globalOptions(flags);
	const bad = (flags.var ?? []).find(text => !/^[A-Za-z_]\w*=/.test(text));
	if (bad !== undefined) {
		error(sayRun.badVar(makeSafe(bad)));
		return wrongUsage;
	}

	const surroundings = await surround(options);
	const [settings, {runCommand}] = await Promise.all([settingsOf(surroundings), import('./commands/run.ts')]);
	if (typeof settings === 'number') {
		return settings;
	}

	const trouble = await projectTrouble(surroundings);
	if (trouble !== null) {
		error(trouble);
		return wrongUsage;
	}

	const values = Object.fromEntries((flags.var ?? []).map(text => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));
	return runCommand(surroundings, settings, {action: action ?? null, values, yes: flags.yes ?? false, confirm: flags.confirm ?? null, dryRun: flags.dryRun ?? false}, {
		json: flags.json ?? false, plain: !process.stdout.isTTY, out, err: error, terminal: hasTerminal(streams, environment),
		theme: {unicode: !options.ascii && isUnicode(environment), colour: process.stdout.isTTY && hasColour(environment, options.colour)},
	});
};

const doctor = async (flags: Flags & {readonly json?: boolean}): Promise<number> => {
	const options = globalOptions(flags);
	const surroundings = await surround(options);
	const [{createDoctorProbes, runDoctor}, {checkSecret}] = await Promise.all([import('./commands/doctor.ts'), import('./adapters/messengers.ts')]);
	const {defaultSettings} = await import('./core/settings.ts');
	const configuration = await surroundings.configuration;
	const actor = await surroundings.actor;
	const {clock, docker, commands, files, host, directories} = surroundings;
	const settings = configuration.ok ? configuration.settings : defaultSettings;
	const code = await runDoctor({
		language: languageOf(environment, options.language), json: flags.json ?? false, ascii: options.ascii || !isUnicode(environment), colour: process.stdout.isTTY && hasColour(environment, options.colour), out, clock,
		containers: docker.containers, composeTools: async () => commands.composeTools(), files, nowMs: clock.nowMs(), host, configuration, channelSecret: async channel => checkSecret(channel, environment),
		settings, alerts: surroundings.alertsFor(settings), authorities: surroundings.authorities,
		probes: createDoctorProbes({
			clock, user: actor.user, environment, output: process.stdout, sharedStateDirectory: directories.sharedState, ownStateDirectory: directories.ownState,
			runtime: async () => commands.place(), survivesLogout: async () => commands.survivesLogout(),
		}),
	});
	docker.close();
	return code;
};

const init = async (flags: Flags & {readonly output?: string; readonly force?: boolean; readonly state?: boolean}): Promise<number> => {
	const {initState, runInit} = await import('./commands/init.ts');
	const options = globalOptions(flags);
	const language = languageOf(environment, options.language);
	const uid = process.getuid?.() ?? 0;
	if (flags.state === true) {
		return initState({runtimeDirectory: '/run/mdc-console', tmpfilesDirectory: '/etc/tmpfiles.d', language, uid, out, err: error});
	}

	const surroundings = await surround(options);
	const code = await runInit({
		settings: {project: options.project, directory: null}, containers: surroundings.docker.containers, files: surroundings.files, out, err: error, language,
		path: flags.output ?? null, force: flags.force ?? false, timeZone: environment['TZ'] ?? null, schemaPath: null, uid,
	});
	surroundings.docker.close();
	return code;
};

const escalate = async (flags: Flags & {readonly incident?: string; readonly unattended?: boolean}): Promise<number> => {
	const sayEscalate = escalateWords[language];
	const options = globalOptions(flags);
	if (flags.incident === undefined || flags.unattended !== true || options.project === null) {
		error(options.project === null && flags.incident !== undefined && flags.unattended === true ? sayEscalate.needsProject : sayEscalate.needsBoth);
		return wrongUsage;
	}

	// It runs on a host that is in trouble, and nobody waits for it: a page is worth half a minute.
	const surroundings = await surround(options, false, 30_000);
	const [settings, {runEscalate}] = await Promise.all([settingsOf(surroundings), import('./commands/escalate.ts')]);
	return typeof settings === 'number' ? settings : runEscalate(surroundings, settings, {incident: flags.incident, project: options.project}, {out, err: error});
};

const incidents = async (flags: Flags, request: IncidentsRequest): Promise<number> => {
	const options = globalOptions(flags);
	const surroundings = await surround(options);
	const {runIncidents} = await import('./commands/incidents.ts');
	return runIncidents(surroundings, request, {
		out, err: error, settings: async () => settingsOf(surroundings), ascii: options.ascii || (process.stdout.isTTY && !isUnicode(environment)), columns: process.stdout.isTTY ? process.stdout.columns : 0,
	});
};

/** With a file named nobody is asked where the configuration lies, nor the engine for its projects. */
const runbook = async (what: 'list' | 'show' | 'check', file: string | undefined, flags: Flags & {readonly json?: boolean}): Promise<number> => {
	const options = globalOptions(flags);
	const [{listRunbooks, showRunbook, checkRunbooks}, {createRunbooks}, {defaultSettings}] = await Promise.all([import('./commands/runbook.ts'), import('./commands/runbooks.ts'), import('./core/settings.ts')]);
	const path = file ?? options.runbook;
	let settings: Settings = defaultSettings;
	if (path === null) {
		const surroundings = await surround(options);
		const configured = await settingsOf(surroundings);
		surroundings.docker.close();
		if (typeof configured === 'number') {
			return configured;
		}

		settings = configured;
	}

	const language = languageOf(environment, options.language, settings.language);
	const run = {list: listRunbooks, show: showRunbook, check: checkRunbooks}[what];
	return run({language, json: flags.json ?? false, runbooks: createRunbooks({path: path ?? settings.runbook, language}), alert: settings.alert.name, out, nowMs: Date.now()});
};

const withGlobalOptions = (command: Command): Command => command
	.option('--config <file>', say.optionConfig)
	.option('--project <name>', say.optionProject)
	.option('--runbook <path>', say.optionRunbook)
	.addOption(new Option('--language <language>', say.optionLanguage).choices(['en', 'pt-BR']))
	.option('--as <name>', say.optionAs)
	.option('--ascii', say.optionAscii)
	.option('--no-color', say.optionNoColour);

const wholeNumber = (text: string): number => {
	if (!/^\d{1,15}$/.test(text)) {
		throw new InvalidArgumentError('');
	}

	return Number(text);
};

/** What was wrong with the arguments, in the user's language; commander tells it by a code and an English sentence with the names in it. */
const usageSentence = ({code, message}: CommanderError): string => {
	const quoted = [...message.matchAll(/'([^']*)'/g)].map(([, name]) => name ?? '');
	switch (code) {
		case 'commander.unknownOption': {
			return say.unknownOption(quoted[0] ?? '');
		}

		case 'commander.excessArguments': {
			return say.unknownArgument(/ got \d+: (.*)\.$/s.exec(message)?.[1] ?? '');
		}

		case 'commander.optionMissingArgument': {
			return say.missingValue(quoted[0] ?? '');
		}

		case 'commander.missingArgument': {
			return say.missingArgument(quoted[0] ?? '');
		}

		case 'commander.invalidArgument': {
			return say.invalidValue(quoted[0] ?? '', quoted[1] ?? '');
		}

		default: {
			return message;
		}
	}
};

const program = (finished: (code: Promise<number>) => void): Command => {
	const root = withGlobalOptions(new Command('mdc-console'))
		.description(say.describeOpen)
		.version(version, '--version', say.optionVersion)
		.helpCommand('help [command]', say.optionHelp)
		.option('--read-only', say.optionReadOnly)
		.addHelpText('after', `\n${say.exitCodes}`)
		.action((flags: Flags) => {
			finished(open(flags));
		});
	// `--no-color` has a default on both sides, and commander gives it to one of them, wherever it stands.
	const flagsOf = <T extends Flags>(flags: T): T => ({...root.opts<Flags>(), ...flags, color: root.opts<Flags>().color !== false && flags.color !== false});
	addDrill(root, {say: drillCli[language], sayCli: say, withGlobalOptions, wholeNumber, run(flags, words) {
		finished(drill(words, flagsOf(flags as Flags & DrillOptions)));
	}});
	withGlobalOptions(root.command('status')).description(say.describeStatus).option('--json', say.optionJson).addOption(new Option('--wait <seconds>', say.optionWait).argParser(wholeNumber)).action((flags: Flags) => {
		finished(status(flagsOf(flags)));
	});
	withGlobalOptions(root.command('doctor')).description(say.describeDoctor).option('--json', say.optionJson).action((flags: Flags) => {
		finished(doctor(flagsOf(flags)));
	});
	withGlobalOptions(root.command('init')).description(say.describeInit).option('--output <path>', say.optionOutput).option('--force', say.optionForce).option('--state', say.optionState).action((flags: Flags) => {
		finished(init(flagsOf(flags)));
	});
	const added = addIncidents(root, {say: incidentArguments[languageOf(environment, languageArgument())], optionJson: say.optionJson, withGlobalOptions, run(flags, request) {
		finished(incidents(flagsOf(flags as Flags), request));
	}});
	const pages = root.command('runbook').description(say.describeRunbook);
	for (const [what, description] of [['list', say.describeRunbookList], ['show', say.describeRunbookShow], ['check', say.describeRunbookCheck]] as const) {
		withGlobalOptions(pages.command(`${what} [file]`)).description(description).option('--json', say.optionJson).action((file: string | undefined, flags: Flags) => {
			finished(runbook(what, file, flagsOf(flags)));
		});
	}

	withGlobalOptions(root.command('run')).description(sayRun.describe).argument('[action]', sayRun.argument)
		.option('--var <name=value>', sayRun.optionVar, (text: string, before: readonly string[] = []) => [...before, text])
		.option('--yes', sayRun.optionYes).option('--confirm <target>', sayRun.optionConfirm).option('--dry-run', sayRun.optionDryRun).option('--json', say.optionJson).option('--read-only', say.optionReadOnly)
		.action((action: string | undefined, flags: Flags) => {
			finished(runOne(action, flagsOf(flags)));
		});
	withGlobalOptions(root.command('escalate')).description(escalateWords[language].describe).option('--incident <id>', escalateWords[language].optionIncident).option('--unattended', escalateWords[language].optionUnattended).action((flags: Flags) => {
		finished(escalate(flagsOf(flags)));
	});
	for (const command of [root, ...root.commands, ...pages.commands, ...added]) {
		command.exitOverride().configureOutput({writeErr() {}}).allowExcessArguments(false).helpOption('-h, --help', say.optionHelp).configureHelp({styleTitle: say.helpTitle});
	}

	return root;
};

const main = async (): Promise<number> => {
	let code: Promise<number> = Promise.resolve(0);
	try {
		await program(run => {
			code = run;
		}).parseAsync(process.argv);
	} catch (problem) {
		if (problem instanceof CommanderError) {
			if (problem.exitCode === 0) {
				return 0;
			}

			error(say.wrongUsage(makeSafe(usageSentence(problem))));
			return wrongUsage;
		}

		throw problem;
	}

	return code;
};

// A reader that closes early (`status | head`) is no error of ours.
process.stdout.on('error', (problem: NodeJS.ErrnoException) => {
	if (problem.code !== 'EPIPE') {
		throw problem;
	}
});

// What is asked of the world waits on timers that do not hold the process; this one does, until there is an answer.
const hold = setInterval(() => undefined, 60_000);
void main().then(code => {
	clearInterval(hold);
	process.exitCode = code;
	leaveInTime(() => {
		error(say.heldByDisk(code));
	});
}, (problem: unknown) => {
	clearInterval(hold);
	error(say.crashed(problem instanceof Error ? problem.stack ?? problem.message : String(problem), version));
	process.exitCode = ourBug;
});
