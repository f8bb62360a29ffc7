/** Senders, timer and chance for a console on a real server: loaded when the first message goes out, so that nothing of it is on the way to the first frame. */

import type {MessengersPort} from '../core/messengers.ts';
import type {Settings} from '../core/settings.ts';
import type {OutboxPorts} from '../runtime/outbox.ts';
import {userAgentOf, type Environment, type GlobalOptions} from './surroundings.ts';

type Needs = {readonly version: string; readonly environment: Environment; readonly settings: Settings; readonly options: GlobalOptions};

/** How this very program is started again, by whoever has no shell and no PATH of ours. */
const ownCommand = (options: GlobalOptions, incident: string, project: string): readonly string[] =>
	[...(process.argv[1] === undefined || process.argv[1] === process.execPath ? [process.execPath] : [process.execPath, process.argv[1]]), 'escalate', '--unattended', '--incident', incident, '--project', project, ...(options.config === null ? [] : ['--config', options.config])];

export const outboxOnNeed = ({version, environment, settings, options}: Needs): OutboxPorts => {
	let messengers: Promise<MessengersPort> | null = null;
	const load = async (): Promise<MessengersPort> => (await import('../adapters/messengers.ts')).createMessengers({channels: () => settings.escalation.channels, environment, userAgent: userAgentOf(version)});
	const timer = async () => (await import('../adapters/system-timer.ts')).createSystemTimer({uid: process.getuid?.() ?? 0, environment, command: (incident, project) => ownCommand(options, incident, project)});
	return {
		messengers: {
			async send(envelope) {
				messengers ??= load();
				return (await messengers).send(envelope);
			},
		},
		timer: {
			arm: async request => (await timer()).arm(request),
			disarm: async name => (await timer()).disarm(name),
		},
		random: {share: () => Math.random()},
	};
};
