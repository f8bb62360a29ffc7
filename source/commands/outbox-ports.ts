/** Senders, timer and chance for a console on a real server: loaded when the first message goes out, so that nothing of it is on the way to the first frame. */

import {resolve} from 'node:path';
import type {AuthoritiesPort, Clock} from '../core/ports.ts';
import type {MessengersPort, TimerPort} from '../core/messengers.ts';
import type {Settings} from '../core/settings.ts';
import type {OutboxPorts} from '../runtime/outbox.ts';
import {userAgentOf, type Environment} from './invocation.ts';

type Needs = {readonly version: string; readonly clock: Clock; readonly environment: Environment; readonly settings: Settings; readonly authorities: AuthoritiesPort; /** The login user. */ readonly user: string; /** The file that was read, to be named: when the timer comes the engine that told where it lies may be down. */ readonly configurationPath: string | null; /** `--runbook`, if it was given. */ readonly runbookPath: string | null};

/** How this very program is started again, by whoever has no shell and no PATH of ours. */
const ownCommand = ({configurationPath, runbookPath}: Needs, incident: string, project: string): readonly string[] =>
	[...(process.argv[1] === undefined || process.argv[1] === process.execPath ? [process.execPath] : [process.execPath, process.argv[1]]), 'escalate', '--unattended', '--incident', incident, '--project', project, ...(configurationPath === null ? [] : ['--config', configurationPath]), ...(runbookPath === null ? [] : ['--runbook', resolve(runbookPath)])];

export const outboxOnNeed = (needs: Needs): OutboxPorts => {
	const {version, clock, environment, settings, authorities, user} = needs;
	let messengers: Promise<MessengersPort> | null = null;
	const load = async (): Promise<MessengersPort> => (await import('../adapters/messengers.ts')).createMessengers({channels: () => settings.escalation.channels, environment, userAgent: userAgentOf(version), authorities});
	let timer: Promise<TimerPort> | null = null;
	const loadTimer = async (): Promise<TimerPort> => (await import('../adapters/system-timer.ts')).createSystemTimer({clock, uid: process.getuid?.() ?? 0, user, environment, command: (incident, project) => ownCommand(needs, incident, project)});
	/** One for all tries: it holds a disk that hangs to one question. */
	const timerOnce = async (): Promise<TimerPort> => {
		timer ??= loadTimer();
		return timer;
	};

	return {
		messengers: {
			async send(envelope) {
				messengers ??= load();
				return (await messengers).send(envelope);
			},
		},
		timer: {
			arm: async request => (await timerOnce()).arm(request),
			disarm: async name => (await timerOnce()).disarm(name),
		},
		random: {share: () => Math.random()},
	};
};
