/** The arguments of `mdc-console incidents` and its sub-commands, turned into one request. */

import {InvalidArgumentError, Option, type Command} from 'commander';
import {parseDuration} from '../../config/units.ts';
import type {ChainHead} from '../../core/incident-archive.ts';
import type {IncidentState} from '../../core/incident.ts';
import type {HistoryRowRequest} from './history-row.ts';
import type {incidentArguments} from '../../messages/incident-arguments.ts';

export type IncidentsRequest =
	| {readonly kind: 'list'; readonly json: boolean; readonly sinceMs: number | null; readonly state: IncidentState | null}
	| {readonly kind: 'show'; readonly json: boolean; readonly id: string}
	/** `output` null: to standard output. */
	| {readonly kind: 'report'; readonly id: string; readonly format: ReportFormat; readonly output: string | null; readonly force: boolean}
	/** `sla` is a share. */
	| {readonly kind: 'stats'; readonly json: boolean; readonly months: number; readonly sla: number}
	| {readonly kind: 'verify'; readonly json: boolean; readonly head: ChainHead | null}
	/** `incident` null: everything that was recorded, also outside incidents. */
	| {readonly kind: 'export'; readonly incident: string | null; readonly output: string | null; readonly force: boolean}
	| {readonly kind: 'history-row'; readonly id: string} & HistoryRowRequest;

export type ReportFormat = 'markdown' | 'html' | 'json';

type Flags = {readonly json?: boolean; readonly since?: number; readonly state?: IncidentState};
type RowFlags = {readonly runbook?: string; readonly write?: boolean; readonly cause?: string; readonly action?: string};
type ReportFlags = {readonly format: ReportFormat; readonly output?: string; readonly force?: boolean};

export type IncidentsWiring = {
	readonly say: (typeof incidentArguments)['en'];
	readonly optionJson: string;
	readonly withGlobalOptions: (command: Command) => Command;
	readonly run: (flags: object, request: IncidentsRequest) => void;
};

const duration = (text: string): number => {
	const spanMs = parseDuration(text);
	if (spanMs === null) {
		throw new InvalidArgumentError('');
	}

	return spanMs;
};

const months = (text: string): number => {
	const count = Number(text);
	if (!/^\d{1,3}$/.test(text) || count < 1 || count > 120) {
		throw new InvalidArgumentError('');
	}

	return count;
};

const percent = (text: string): number => {
	const value = Number(text.replace(',', '.').replace(/\s?%$/, ''));
	if (!/^\d{1,3}(?:[.,]\d{1,6})?\s?%?$/.test(text) || value <= 0 || value > 100) {
		throw new InvalidArgumentError('');
	}

	return value / 100;
};

const chainHead = (text: string): ChainHead => {
	const match = /^(\d{1,15}):([\da-f]{8,64})$/i.exec(text.trim());
	if (match === null) {
		throw new InvalidArgumentError('');
	}

	return {sequence: Number(match[1]), seal: match[2]!.toLowerCase()};
};

/** Adds the command; answers with it and its sub-commands. An option of the command counts for its sub-commands too, wherever it stands. */
export const addIncidents = (root: Command, wiring: IncidentsWiring): readonly Command[] => {
	const {say, optionJson, withGlobalOptions, run} = wiring;
	const parent = withGlobalOptions(root.command('incidents')).description(say.describe)
		.option('--json', optionJson)
		.addOption(new Option('--since <span>', say.optionSince).argParser(duration))
		.addOption(new Option('--state <state>', say.optionState).choices(['open', 'mitigated', 'resolved', 'closed', 'cancelled']));
	const flagsOf = (own: object): Flags & object => ({...parent.opts<Flags>(), ...own});
	parent.action((own: Flags) => {
		run(own, {kind: 'list', json: own.json ?? false, sinceMs: own.since ?? null, state: own.state ?? null});
	});
	const show = withGlobalOptions(parent.command('show')).description(say.describeShow).argument('<id>', say.argumentId).option('--json', optionJson).action((id: string, own: Flags) => {
		const flags = flagsOf(own);
		run(flags, {kind: 'show', json: flags.json ?? false, id});
	});
	const report = withGlobalOptions(parent.command('report')).description(say.describeReport).argument('<id>', say.argumentId)
		.addOption(new Option('--format <format>', say.optionFormat).choices(['markdown', 'html', 'json']).default('markdown'))
		.option('--output <file>', say.optionOutput)
		.option('--force', say.optionForce)
		.action((id: string, own: ReportFlags) => {
			const {format, output, force} = own;
			run(flagsOf(own), {kind: 'report', id, format, output: output === undefined || output === '-' ? null : output, force: force ?? false});
		});
	const row = withGlobalOptions(parent.command('history-row')).description(say.describeRow).argument('<id>', say.argumentId)
		.option('--cause <text>', say.optionCause)
		.option('--action <text>', say.optionAction)
		.option('--write', say.optionWrite)
		.action((id: string, own: RowFlags) => {
			const flags: {readonly runbook?: string} = {...root.opts(), ...flagsOf(own)};
			run(flags, {kind: 'history-row', id, runbook: flags.runbook ?? null, write: own.write ?? false, cause: own.cause ?? null, action: own.action ?? null});
		});
	const stats = withGlobalOptions(parent.command('stats')).description(say.describeStats).option('--json', optionJson)
		.addOption(new Option('--months <number>', say.optionMonths).argParser(months).default(6))
		.addOption(new Option('--sla <percent>', say.optionSla).argParser(percent).default(0.999, '99.9'))
		.action((own: {readonly months: number; readonly sla: number; readonly json?: boolean}) => {
			const flags = flagsOf(own);
			run(flags, {kind: 'stats', json: flags.json ?? false, months: own.months, sla: own.sla});
		});
	const verify = withGlobalOptions(parent.command('verify')).description(say.describeVerify).option('--json', optionJson)
		.addOption(new Option('--head <sequence:seal>', say.optionHead).argParser(chainHead))
		.action((own: {readonly json?: boolean; readonly head?: ChainHead}) => {
			const flags = flagsOf(own);
			run(flags, {kind: 'verify', json: flags.json ?? false, head: own.head ?? null});
		});
	const exporting = withGlobalOptions(parent.command('export')).description(say.describeExport)
		.option('--incident <id>', say.optionIncident)
		.option('--output <file>', say.optionOutput)
		.option('--force', say.optionForce)
		.action((own: {readonly incident?: string; readonly output?: string; readonly force?: boolean}) => {
			const {incident, output, force} = own;
			run(flagsOf(own), {kind: 'export', incident: incident ?? null, output: output === undefined || output === '-' ? null : output, force: force ?? false});
		});
	return [parent, show, report, row, stats, verify, exporting];
};
