/**
The engine's event stream, filtered to one Compose project's containers. Hides JSON texts that arrive in any pieces.

Invariants: `ended` is told at most once, and never after Stop; a line that is not JSON is passed over (the stream goes on); no
event of an exec gets through, since health checks make three each.
*/

import type {ContainerEvent, Failure, Stop} from '../../core/ports.ts';
import {makeSafe} from '../../core/text.ts';
import type {EngineClient} from './client.ts';
import {failure, failureOfShape} from './failures.ts';
import {composeLabels, healthNamed, isOneOff} from './inspect-facts.ts';
import {labelsOf, numberOf, recordOf, textOf} from './json.ts';

const kinds: Readonly<Record<string, ContainerEvent['kind']>> = {
	create: 'created',
	start: 'started',
	die: 'died',
	stop: 'stopped',
	kill: 'killed',
	oom: 'oom',
	pause: 'paused',
	unpause: 'unpaused',
	restart: 'restarted',
	destroy: 'removed',
	rename: 'renamed',
	health_status: 'health',
	update: 'updated',
};

const headDeadlineMs = 5000;
const lineLimit = 256 * 1024;

/** Watches a project; see `ContainersPort.watch`. */
export const watchEvents = (client: EngineClient, project: string, happened: (event: ContainerEvent) => void, ended: (failure: Failure) => void): Stop => {
	let over = false;
	let destroy: (() => void) | null = null;
	const stop = (): void => {
		over = true;
		forget();
		destroy?.();
	};

	const forget = client.onClose(stop);
	const finish = (why: Failure): void => {
		if (!over) {
			stop();
			ended(why);
		}
	};

	// Asked for from this moment on, events are not lost between here and the engine's subscribing us. Another machine's clock may
	// differ by hours, and old events would come as news.
	const calledAtMs = client.clock.nowMs();
	const open = async (): Promise<void> => {
		const endpoint = await client.endpoint();
		const since = endpoint.ok && endpoint.value.kind === 'unix' ? {since: (calledAtMs / 1000).toFixed(3)} : {};
		const filters = {type: ['container'], label: [`${composeLabels.project}=${project}`], event: Object.keys(kinds)};
		const answer = await client.stream({path: '/events', query: {filters: JSON.stringify(filters), ...since}, deadline: client.deadline(headDeadlineMs)});
		if (!answer.ok) {
			finish(answer.failure);
			return;
		}

		const response = answer.value;
		destroy = () => {
			response.destroy();
		};
		if (over) {
			destroy();
			return;
		}

		const asked = endpoint.ok ? endpoint.value : {host: '', socketPath: null};
		const splitter = createJsonLines(value => {
			const event = over ? null : eventOf(value);
			if (event !== null) {
				happened(event);
			}
		});
		response.setEncoding('utf8');
		response.on('data', (text: string) => {
			if (!splitter(text)) {
				finish(failureOfShape(`an event above ${lineLimit} characters`, asked));
			}
		});
		response.on('close', () => {
			finish(failure('failed', 'the event stream ended', {host: asked.host, error: response.complete ? 'ended' : 'reset'}));
		});
	};

	void open();
	return stop;
};

/** Cuts a stream of texts into lines and hands over those that are JSON; false when a line grows beyond all bounds. */
const createJsonLines = (take: (value: unknown) => void): ((text: string) => boolean) => {
	let rest = '';
	return text => {
		const lines = (rest + text).split('\n');
		rest = lines.pop() ?? '';
		for (const line of lines) {
			takeJson(line, take);
		}

		// Engines end each event with a line break; one that does not is read as soon as its text is whole.
		if (rest.endsWith('}') && takeJson(rest, take)) {
			rest = '';
		}

		return rest.length <= lineLimit;
	};
};

const takeJson = (line: string, take: (value: unknown) => void): boolean => {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch {
		// Half a text or garbage: the slow reconcile makes good what is lost here.
		return false;
	}

	take(value);
	return true;
};

/** One event as the engine tells it; null for what is none of ours. */
export const eventOf = (value: unknown): ContainerEvent | null => {
	const told = recordOf(value);
	const actor = recordOf(told['Actor']);
	const labels = labelsOf(actor['Attributes']);
	const [action = '', health = ''] = (textOf(told['Action']) || textOf(told['status'])).split(':');
	const kind = Object.hasOwn(kinds, action) ? kinds[action] : undefined;
	const id = textOf(actor['ID']) || textOf(told['id']);
	if (kind === undefined || id === '' || (told['Type'] !== undefined && told['Type'] !== 'container')) {
		return null;
	}

	const exitCode = Number.parseInt(labels['exitCode'] ?? '', 10);
	return {
		kind,
		id,
		service: makeSafe(labels[composeLabels.service] ?? ''),
		oneOff: isOneOff(labels),
		exitCode: kind === 'died' && !Number.isNaN(exitCode) ? exitCode : null,
		health: kind === 'health' ? healthNamed(health.trim()) : null,
		atMs: told['timeNano'] === undefined ? numberOf(told['time']) * 1000 : Math.floor(numberOf(told['timeNano']) / 1e6),
	};
};
