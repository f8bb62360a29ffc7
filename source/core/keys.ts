/**
The key table: one list drives dispatch, the footer, the help, the palette and the readme; the configuration may remap it.
It hides which key means which command, and the rule of the design that lower case, digits and signs only look while upper case
opens an action's card (`G` and `N` are the two exceptions).
*/

import {checkIds, type CheckCommand} from './checks.ts';

/** What the operator can ask for. `pane` says where a key means this; `everywhere` is the main screen. */
export type CommandId =
	| 'help' | 'back' | 'close' | 'quit' | 'palette' | 'focus-next' | 'focus-previous' | 'enlarge' | 'open' | 'copy' | 'project'
	| 'up' | 'down' | 'left' | 'right' | 'page-up' | 'page-down' | 'half-page-up' | 'half-page-down' | 'top' | 'bottom'
	| 'search' | 'search-next' | 'search-previous' | 'filter' | 'error-next' | 'error-previous'
	| 'follow' | 'wrap' | 'timestamps' | 'since' | 'log-service'
	| 'changes' | 'shell'
	| 'incident' | 'acknowledge' | 'note' | 'escalate' | 'duties'
	| 'runbook'
	| CheckCommand
	| 'action-start-api' | 'action-restart-api' | 'action-restart-nginx' | 'action-restart-redis' | 'action-rebuild-api' | 'action-migrate' | 'action-backup-db' | 'action-delete-logs'
	| 'action-prune' | 'action-rollback-commit' | 'action-rollback-image' | 'action-rollback-back' | 'action-scale-api';

export type KeyBinding = {
	readonly command: CommandId;
	/** As the input reader names them: a character, or `tab`, `shift-tab`, `enter`, `escape`, `up`, `page-up`, `ctrl-u`… */
	readonly keys: readonly string[];
	readonly group: 'general' | 'move' | 'log' | 'incident' | 'action' | 'check';
};

export const defaultKeys: readonly KeyBinding[] = [
	{command: 'help', keys: ['?'], group: 'general'},
	{command: 'back', keys: ['q'], group: 'general'},
	{command: 'close', keys: ['escape'], group: 'general'},
	{command: 'quit', keys: ['ctrl-c'], group: 'general'},
	{command: 'palette', keys: [':'], group: 'general'},
	{command: 'focus-next', keys: ['tab'], group: 'general'},
	{command: 'focus-previous', keys: ['shift-tab'], group: 'general'},
	{command: 'enlarge', keys: ['z'], group: 'general'},
	{command: 'open', keys: ['enter'], group: 'general'},
	{command: 'copy', keys: ['c'], group: 'general'},
	{command: 'project', keys: ['p'], group: 'general'},
	{command: 'changes', keys: ['d'], group: 'general'},
	{command: 'shell', keys: ['$'], group: 'general'},
	{command: 'up', keys: ['up', 'k'], group: 'move'},
	{command: 'down', keys: ['down', 'j'], group: 'move'},
	{command: 'left', keys: ['left'], group: 'move'},
	{command: 'right', keys: ['right'], group: 'move'},
	{command: 'page-up', keys: ['page-up'], group: 'move'},
	{command: 'page-down', keys: ['page-down'], group: 'move'},
	{command: 'half-page-up', keys: ['ctrl-u'], group: 'move'},
	{command: 'half-page-down', keys: ['ctrl-d'], group: 'move'},
	{command: 'top', keys: ['g', 'home'], group: 'move'},
	{command: 'bottom', keys: ['G', 'end'], group: 'move'},
	{command: 'log-service', keys: ['l'], group: 'log'},
	{command: 'search', keys: ['/'], group: 'log'},
	{command: 'search-next', keys: ['n'], group: 'log'},
	{command: 'search-previous', keys: ['N'], group: 'log'},
	{command: 'filter', keys: ['&'], group: 'log'},
	{command: 'error-next', keys: ['.'], group: 'log'},
	{command: 'error-previous', keys: [','], group: 'log'},
	{command: 'follow', keys: ['f'], group: 'log'},
	{command: 'wrap', keys: ['w'], group: 'log'},
	{command: 'timestamps', keys: ['t'], group: 'log'},
	{command: 'since', keys: ['s'], group: 'log'},
	{command: 'incident', keys: ['i'], group: 'incident'},
	{command: 'acknowledge', keys: ['a'], group: 'incident'},
	{command: 'note', keys: ['m'], group: 'incident'},
	{command: 'escalate', keys: ['e'], group: 'incident'},
	{command: 'duties', keys: [], group: 'incident'},
	{command: 'runbook', keys: ['r'], group: 'incident'},
	{command: 'action-start-api', keys: ['U'], group: 'action'},
	{command: 'action-restart-api', keys: ['R'], group: 'action'},
	{command: 'action-restart-nginx', keys: ['W'], group: 'action'},
	{command: 'action-restart-redis', keys: ['X'], group: 'action'},
	{command: 'action-rebuild-api', keys: ['B'], group: 'action'},
	{command: 'action-migrate', keys: ['M'], group: 'action'},
	{command: 'action-backup-db', keys: ['D'], group: 'action'},
	{command: 'action-delete-logs', keys: ['L'], group: 'action'},
	{command: 'action-prune', keys: ['P'], group: 'action'},
	{command: 'action-rollback-commit', keys: ['K'], group: 'action'},
	{command: 'action-rollback-image', keys: ['I'], group: 'action'},
	{command: 'action-rollback-back', keys: ['Z'], group: 'action'},
	{command: 'action-scale-api', keys: ['S'], group: 'action'},
	// Reached by name from the palette and from the runbook's cards; the configuration may give one a key.
	...checkIds.map((id): KeyBinding => ({command: `check-${id}`, keys: [], group: 'check'})),
];

/** A remapping as configured: command to the keys that replace its default ones. */
export type KeyMap = Readonly<Partial<Record<CommandId, readonly string[]>>>;

export type KeyTrouble =
	| {readonly kind: 'clash'; readonly key: string; readonly commands: readonly [CommandId, CommandId]}
	| {readonly kind: 'action-needs-upper-case'; readonly key: string; readonly command: CommandId}
	| {readonly kind: 'look-needs-lower-case'; readonly key: string; readonly command: CommandId}
	| {readonly kind: 'reserved'; readonly key: string; readonly command: CommandId};

/** `y` confirms on cards and the digits open scenarios: they mean nothing else anywhere. */
const reservedKeys = new Set(['y', ...'0123456789']);

const upperCaseLooks: ReadonlySet<CommandId> = new Set(['bottom', 'search-previous']);

/** The table after remapping, and what is wrong with the remapping (the defaults stay where it is). */
export const bindKeys = (map: KeyMap): {readonly bindings: readonly KeyBinding[]; readonly troubles: readonly KeyTrouble[]} => {
	const troubles: KeyTrouble[] = [];
	const bindings = defaultKeys.map(binding => {
		const keys = map[binding.command];
		return keys === undefined ? binding : {...binding, keys};
	});
	const owners = new Map<string, CommandId>();
	for (const {command, keys, group} of bindings) {
		for (const key of keys) {
			const owner = owners.get(key);
			if (owner !== undefined) {
				troubles.push({kind: 'clash', key, commands: [owner, command]});
			}

			owners.set(key, command);
			if (reservedKeys.has(key)) {
				troubles.push({kind: 'reserved', key, command});
			}

			if (map[command] !== undefined) {
				const isUpper = /^\p{Lu}$/u.test(key);
				if (group === 'action' && !isUpper) {
					troubles.push({kind: 'action-needs-upper-case', key, command});
				} else if (group !== 'action' && isUpper && !upperCaseLooks.has(command)) {
					troubles.push({kind: 'look-needs-lower-case', key, command});
				}
			}
		}
	}

	return troubles.length > 0 ? {bindings: defaultKeys, troubles} : {bindings, troubles};
};

/** The command that a key means, or null. */
export const commandOf = (bindings: readonly KeyBinding[], key: string): CommandId | null =>
	bindings.find(binding => binding.keys.includes(key))?.command ?? null;
